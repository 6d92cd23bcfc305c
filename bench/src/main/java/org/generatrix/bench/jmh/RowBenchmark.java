// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.Trial;
import org.generatrix.bench.run.Interleaved;
import org.generatrix.bench.run.Worker;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Any row under JMH, one contender per fork: {@code gx bench --jmh -p row=... -p
 * contender=libtorch}. It shows the spread between processes, which a single run cannot; ratios are
 * better read from {@code gx bench}, where both sides meet the same machine.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 3, jvmArgsAppend = "-Xmx2g")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RowBenchmark {
  @Param({"gibbs-sweep:784x500:b1024", "gibbs-sweep:784x500:b128", "gibbs-sweep:4096x4096:b256"})
  public String row;

  @Param({"2", "1"})
  public int threads;

  /** "generatrix" or a peer of the row; libtorch runs with its thread pools tuned. */
  @Param({"generatrix", "libtorch", "openblas-products"})
  public String contender;

  private Trial trial;
  private Runnable call;

  @Setup(Level.Trial)
  public void open() {
    BenchRow chosen =
        Worker.rows().stream()
            .filter(candidate -> candidate.name().equals(row))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException("expected the name of a row, got '" + row + "'"));
    trial = chosen.open(threads);
    trial.verify();
    call = choose().call();
  }

  private Contender choose() {
    if (contender.equals("generatrix")) {
      return trial.ours();
    }
    List<String> names = new ArrayList<>(List.of("generatrix"));
    for (Peer peer : trial.peers()) {
      if (peer.name().equals(contender) || peer.name().equals(contender + "-tuned")) {
        return Interleaved.fastest(peer.variants());
      }
      names.add(peer.name());
    }
    throw new IllegalArgumentException(
        "expected a contender of " + names + ", got '" + contender + "'");
  }

  @Benchmark
  public void call() {
    call.run();
  }

  @TearDown(Level.Trial)
  public void close() {
    trial.close();
  }
}
