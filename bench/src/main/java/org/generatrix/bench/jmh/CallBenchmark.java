// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.generatrix.binding.Device;
import org.generatrix.binding.StateOps;
import org.generatrix.binding.States;
import org.generatrix.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The smallest kernel call there is, one state turned into one bit. With {@code -prof gc} JMH also
 * says what a call allocates on the heap.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CallBenchmark {
  private Device device;
  private Tensor one;
  private Tensor bit;
  private States from;
  private States to;

  @Setup(Level.Trial)
  public void open() {
    device = Device.cpu(1);
    one = Tensor.of(device, new float[] {0.75f}, 1, 1);
    bit = Tensor.bits(device, 1, 1);
    from = one.states();
    to = bit.states();
  }

  @Benchmark
  public void convert() {
    StateOps.convert(device, from, 0.5f, to);
  }

  @TearDown(Level.Trial)
  public void close() {
    bit.close();
    one.close();
    device.close();
  }
}
