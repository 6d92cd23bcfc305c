// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.generatrix.bench.Contender;
import org.generatrix.bench.conv.ConvCase;
import org.generatrix.bench.conv.ConvPass;

/**
 * A convolution in libtorch, by the operations under its layers and its autograd; a masked one with
 * weights times a mask, as PixelCNNs are written.
 */
public final class TorchConv implements AutoCloseable {
  private final ConvCase c;
  private final List<Operands> formats = new ArrayList<>();
  private final BoolPointer wanted = new BoolPointer(3);

  private record Operands(String label, Tensor x, Tensor weight, Tensor mask, Tensor b, Tensor dy) {
    Operands channelsLast() {
      return new Operands("channels last", last(x), last(weight), mask, b, last(dy));
    }

    private static Tensor last(Tensor t) {
      return t.contiguous(torch.MemoryFormat.ChannelsLast);
    }
  }

  public TorchConv(ConvCase c, float[] x, float[] weight, float[] b, float[] dy) {
    this.c = c;
    wanted.put(0, true).put(1, true).put(2, false);
    Operands plain =
        new Operands(
            "NCHW",
            Torch.of(x, c.xShape()),
            Torch.of(weight, c.weightShape()),
            c.masked() ? Torch.of(c.mask(), c.weightShape()) : null,
            Torch.of(b, b.length),
            Torch.of(dy, c.yShape()));
    formats.add(plain);
    formats.add(plain.channelsLast());
  }

  /** With operands in either order of axes. */
  public List<Contender> variants(ConvPass pass) {
    return formats.stream().map(o -> new Contender(o.label, () -> run(o, pass))).toList();
  }

  private void run(Operands o, ConvPass pass) {
    try (PointerScope local = new PointerScope()) {
      Tensor weight = weight(o);
      if (pass.forward()) {
        forward(o, weight);
      }
      if (pass.backward()) {
        backward(o, weight);
      }
    }
  }

  private static Tensor weight(Operands o) {
    return o.mask == null ? o.weight : o.weight.mul(o.mask);
  }

  private static long[] both(long n) {
    return new long[] {n, n};
  }

  private Tensor forward(Operands o, Tensor weight) {
    return torch.convolution(
        o.x,
        weight,
        new TensorOptional(o.b),
        both(c.stride()),
        both(c.padding()),
        both(c.dilation()),
        c.transposed(),
        both(0),
        c.groups());
  }

  private Tensor[] backward(Operands o, Tensor weight) {
    T_TensorTensorTensor_T all =
        torch.convolution_backward(
            o.dy,
            o.x,
            weight,
            new long[] {c.out()},
            both(c.stride()),
            both(c.padding()),
            both(c.dilation()),
            c.transposed(),
            both(0),
            c.groups(),
            wanted);
    Tensor dWeight = o.mask == null ? all.get1() : all.get1().mul(o.mask);
    return new Tensor[] {all.get0(), dWeight};
  }

  public float[] y() {
    try (PointerScope local = new PointerScope()) {
      Operands o = formats.get(0);
      return Torch.toArray(forward(o, weight(o)).contiguous());
    }
  }

  public float[] dx() {
    return gradient(0);
  }

  public float[] dWeight() {
    return gradient(1);
  }

  private float[] gradient(int which) {
    try (PointerScope local = new PointerScope()) {
      Operands o = formats.get(0);
      return Torch.toArray(backward(o, weight(o))[which].contiguous());
    }
  }

  @Override
  public void close() {
    for (Operands o : formats) {
      Torch.close(o.x, o.weight, o.dy);
    }
    Operands plain = formats.get(0);
    plain.b.close();
    if (plain.mask != null) {
      plain.mask.close();
    }
    wanted.close();
  }
}
