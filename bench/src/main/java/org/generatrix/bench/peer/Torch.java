// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import static org.bytedeco.pytorch.global.torch.set_num_threads;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What the libtorch peers share. Tensors are float32 on the CPU and never ask for gradients, so no
 * tape is kept.
 */
public final class Torch {
  private static final GeneratorOptional DEFAULT_GENERATOR = new GeneratorOptional();

  private Torch() {}

  /**
   * The name of the peer: as it comes, or with its thread pools tuned, which is the same at one
   * thread.
   */
  public static String name(int threads) {
    return threads > 1 && Pools.current() == Pools.TUNED ? "libtorch-tuned" : "libtorch";
  }

  /**
   * Sets the threads of libtorch's own loops and of the OpenBLAS it calls; at::set_num_threads
   * alone leaves the latter.
   */
  public static void setThreads(int threads) {
    set_num_threads(threads);
    OpenBlas.setThreads(threads);
  }

  public static Tensor zeros(long... shape) {
    return torch.zeros(shape);
  }

  public static Tensor of(float[] values, long... shape) {
    return AbstractTensor.create(values, shape);
  }

  /** The values of a contiguous float tensor. */
  public static float[] toArray(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.numel())];
    new FloatPointer(tensor.data_ptr()).get(values);
    return values;
  }

  public static void close(Tensor... tensors) {
    for (Tensor tensor : tensors) {
      tensor.close();
    }
  }

  /** Ways to draw out ~ Bernoulli(p). */
  public enum Draw {
    BERNOULLI("bernoulli(p)") {
      @Override
      public void draw(Tensor p, Tensor noise, Tensor out) {
        torch.bernoulli_out(out, p, DEFAULT_GENERATOR);
      }
    },
    UNIFORM("rand < p") {
      @Override
      public void draw(Tensor p, Tensor noise, Tensor out) {
        noise.uniform_();
        torch.lt_out(out, noise, p);
      }
    };

    private final String label;

    Draw(String label) {
      this.label = label;
    }

    /** p, noise, out: the same shape; noise is scratch. */
    public abstract void draw(Tensor p, Tensor noise, Tensor out);

    public String label() {
      return label;
    }
  }
}
