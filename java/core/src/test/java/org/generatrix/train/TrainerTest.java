// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.generatrix.train.EarlyStop.Goal;
import org.generatrix.train.TrainingEvent.End;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop itself, over a run that only counts. */
class TrainerTest {
  @TempDir Path folder;

  /** 10 examples in batches of 4: 3 batches an epoch, the last of 2. */
  private static final class Counting implements Trainable {
    int steps;
    int epochs = 3;
    int brokenAt = Integer.MAX_VALUE;

    @Override
    public void step() {
      steps++;
    }

    @Override
    public int epoch() {
      return steps / 3;
    }

    @Override
    public int epochs() {
      return epochs;
    }

    @Override
    public long batch() {
      return steps % 3;
    }

    @Override
    public long batchesPerEpoch() {
      return 3;
    }

    @Override
    public long examplesPerEpoch() {
      return 10;
    }

    @Override
    public Map<String, Double> metrics() {
      return Map.of("steps", (double) steps);
    }

    @Override
    public String nonFinite() {
      return steps >= brokenAt ? "W" : null;
    }

    @Override
    public void save(Path checkpoint) throws IOException {
      Files.writeString(checkpoint, "step " + steps);
    }
  }

  /** Writes down what it is told. */
  private static final class Diary implements TrainingListener {
    final List<String> lines = new ArrayList<>();
    final List<TrainingEvent> events = new ArrayList<>();

    private void add(String what, TrainingEvent event) {
      lines.add(what + " " + event.epoch() + "." + event.batch());
      events.add(event);
    }

    @Override
    public void onStart(TrainingEvent event) {
      add("start", event);
    }

    @Override
    public void onBatch(TrainingEvent event) {
      add("batch", event);
    }

    @Override
    public void onEpoch(TrainingEvent event) {
      add("epoch", event);
    }

    @Override
    public void onCheckpoint(TrainingEvent event) {
      add("checkpoint", event);
    }

    @Override
    public void onEnd(TrainingEvent event) {
      add("end", event);
    }

    TrainingEvent last() {
      return events.get(events.size() - 1);
    }

    long count(String what) {
      return lines.stream().filter(line -> line.startsWith(what)).count();
    }
  }

  private final Counting run = new Counting();
  private final Diary diary = new Diary();

  @Test
  void listenersHearEverythingInOrder() {
    run.epochs = 2;
    Path file = folder.resolve("c");
    End end = new Trainer(run).listen(diary).checkpoint(file, 2).fit();
    assertEquals(End.COMPLETED, end);
    assertEquals(
        List.of(
            "start 0.0",
            "batch 0.1",
            "batch 0.2",
            "batch 1.0",
            "epoch 1.0",
            "batch 1.1",
            "batch 1.2",
            "batch 2.0",
            "epoch 2.0",
            "checkpoint 2.0",
            "end 2.0"),
        diary.lines);
    TrainingEvent last = diary.last();
    assertEquals(End.COMPLETED, last.end());
    assertSame(run, last.source());
    assertEquals(20, last.examples());
    assertEquals(3, last.batches());
    assertEquals(8, diary.events.get(2).examples());
    assertEquals(10, diary.events.get(3).examples());
    assertTrue(last.seconds() > 0 && last.rate() > 0);
    assertEquals(file, diary.events.get(9).checkpoint());
  }

  @Test
  void checkpointsComeEveryNthEpochAndAtTheEndOnce() throws IOException {
    run.epochs = 5;
    Path file = folder.resolve("c");
    new Trainer(run).listen(diary).checkpoint(file, 2).fit();
    assertEquals(3, diary.count("checkpoint")); // after 2, 4 and 5
    assertEquals("step 15", Files.readString(file));
  }

  @Test
  void metricsAreMeasuredWhenDue() {
    run.epochs = 5;
    new Trainer(run).listen(diary).metric("m", 2, () -> run.steps * 10.0).fit();
    List<Map<String, Double>> epochs =
        diary.events.stream()
            .map(TrainingEvent::metrics)
            .filter(metrics -> !metrics.isEmpty())
            .toList();
    assertEquals(5, epochs.size());
    assertEquals(Map.of("steps", 3.0), epochs.get(0));
    assertEquals(Map.of("steps", 6.0, "m", 60.0), epochs.get(1));
    assertEquals(Map.of("steps", 15.0, "m", 150.0), epochs.get(4), "the last epoch is measured");
  }

  @Test
  void earlyStopWaitsOutItsPatience() {
    run.epochs = 100;
    // 3.98 and 3.96 do not improve on 4 by 0.05, 3.9 does; then three epochs do not improve on 3.9
    double[] values = {5, 4, 3.98, 3.96, 3.9, 3.95, 3.9, 3.86, 1};
    End end =
        new Trainer(run)
            .metric("m", 1, () -> values[run.epoch() - 1])
            .earlyStop(new EarlyStop("m", Goal.MINIMIZE, 3, 0.05))
            .fit();
    assertEquals(End.EARLY_STOP, end);
    assertEquals(8, run.epoch());

    Counting rising = new Counting();
    rising.epochs = 100;
    new Trainer(rising)
        .listen(diary)
        .metric("m", 1, () -> rising.epoch() > 6 ? Double.NaN : Math.min(rising.epoch(), 4))
        .earlyStop(new EarlyStop("m", Goal.MAXIMIZE, 3, 0))
        .fit();
    assertEquals(End.EARLY_STOP, diary.last().end());
    assertEquals(7, rising.epoch());
  }

  @Test
  void anEarlyStopOnAnUnknownMetricIsAnError() {
    Trainer trainer = new Trainer(run).earlyStop(new EarlyStop("loss", Goal.MINIMIZE, 1, 0));
    IllegalStateException e = assertThrows(IllegalStateException.class, trainer::fit);
    assertEquals("early stop watches \"loss\", but the metrics are [steps]", e.getMessage());
  }

  @Test
  void theGuardNamesTensorAndEpochAndSparesTheCheckpoint() throws IOException {
    Path file = folder.resolve("c");
    run.brokenAt = 5;
    Trainer trainer = new Trainer(run).listen(diary).checkpoint(file, 1).guard(1);
    DivergedException e = assertThrows(DivergedException.class, trainer::fit);
    assertTrue(e.getMessage().contains("in epoch 2 of 3 at batch 2 of 3: W holds"), e.getMessage());
    assertEquals(End.DIVERGED, diary.last().end());
    assertEquals("step 3", Files.readString(file));
  }

  @Test
  void theGuardLooksAtTheEndOfEachEpochInAnyCase() {
    run.brokenAt = 4;
    DivergedException e =
        assertThrows(DivergedException.class, () -> new Trainer(run).guard(0).fit());
    assertTrue(e.getMessage().contains("in epoch 2 of 3 at batch 3 of 3"), e.getMessage());
  }

  @Test
  void aRequestFromAnotherThreadStopsTheRun() throws Exception {
    run.epochs = Integer.MAX_VALUE / 3;
    Path file = folder.resolve("c");
    Trainer trainer = new Trainer(run).listen(diary).checkpoint(file, Integer.MAX_VALUE);
    Thread other =
        new Thread(
            () -> {
              try {
                Thread.sleep(20);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              trainer.requestStop();
            });
    other.start();
    assertEquals(End.STOPPED, trainer.fit());
    other.join();
    assertEquals(1, diary.count("checkpoint"));
    assertEquals("step " + run.steps, Files.readString(file));
    assertFalse(run.epoch() == run.epochs());
  }

  @Test
  void aRequestBeforeTheStartTrainsNothing() {
    Trainer trainer = new Trainer(run);
    trainer.requestStop();
    assertEquals(End.STOPPED, trainer.fit());
    assertEquals(0, run.steps);
  }

  @Test
  void aCompleteRunCompletesAtOnce() {
    run.steps = 9;
    assertEquals(End.COMPLETED, new Trainer(run).listen(diary).fit());
    assertEquals(List.of("start 3.0", "end 3.0"), diary.lines);
  }

  @Test
  void whatAListenerThrowsEndsTheRun() {
    TrainingListener broken =
        new TrainingListener() {
          @Override
          public void onEpoch(TrainingEvent event) {
            throw new IllegalStateException("full");
          }
        };
    Trainer trainer = new Trainer(run).listen(diary).listen(broken);
    assertThrows(IllegalStateException.class, trainer::fit);
    assertEquals(End.FAILED, diary.last().end());
    assertEquals(3, run.steps);
  }

  @Test
  void aCheckpointThatCannotBeWrittenIsAnError() {
    Trainer trainer =
        new Trainer(run).listen(diary).checkpoint(folder.resolve("no/such/folder"), 1);
    assertThrows(UncheckedIOException.class, trainer::fit);
    assertEquals(End.FAILED, diary.last().end());
  }

  @Test
  void argumentsAreChecked() {
    Trainer trainer = new Trainer(run).metric("m", 1, () -> 0);
    assertThrows(NullPointerException.class, () -> new Trainer(null));
    assertThrows(NullPointerException.class, () -> trainer.listen(null));
    assertThrows(NullPointerException.class, () -> trainer.metric(null, 1, () -> 0));
    assertThrows(NullPointerException.class, () -> trainer.metric("n", 1, null));
    assertThrows(NullPointerException.class, () -> trainer.checkpoint(null, 1));
    assertThrows(NullPointerException.class, () -> trainer.earlyStop(null));
    assertThrows(IllegalArgumentException.class, () -> trainer.metric("m", 1, () -> 0));
    assertThrows(IllegalArgumentException.class, () -> trainer.metric("n", 0, () -> 0));
    assertThrows(IllegalArgumentException.class, () -> trainer.checkpoint(folder.resolve("c"), 0));
    assertThrows(IllegalArgumentException.class, () -> trainer.guard(-1));
    assertThrows(IllegalArgumentException.class, () -> new EarlyStop("m", Goal.MINIMIZE, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new EarlyStop("m", Goal.MINIMIZE, 1, -1));
    assertThrows(
        IllegalArgumentException.class, () -> new EarlyStop("m", Goal.MINIMIZE, 1, Double.NaN));
    assertThrows(NullPointerException.class, () -> new EarlyStop(null, Goal.MINIMIZE, 1, 0));
    assertThrows(NullPointerException.class, () -> new EarlyStop("m", null, 1, 0));
  }
}
