// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.generatrix.cli.Text;
import org.generatrix.train.TrainingEvent;
import org.generatrix.train.TrainingListener;

/**
 * Shows a training run: a bar with rate and time left for a person at a terminal, a line per epoch
 * for everything else.
 */
public abstract class ProgressReport implements TrainingListener {
  /**
   * A metric worth showing while training: its name in the events, a short label, a format for
   * {@link String#format}.
   */
  public record Shown(String metric, String label, String format) {}

  private final List<Shown> shown;

  private ProgressReport(List<Shown> shown) {
    this.shown = shown;
  }

  /** The report that fits the terminal: a bar on standard error, or lines on {@code out}. */
  public static ProgressReport of(boolean interactive, PrintWriter out, List<Shown> shown) {
    return interactive ? new Bar(shown) : new Lines(out, shown);
  }

  /** From now on nothing is drawn, so that a last word stays where it is put; from any thread. */
  public void quiet() {}

  final String metrics(TrainingEvent event, String separator) {
    Map<String, Double> values = event.metrics();
    return shown.stream()
        .filter(show -> values.get(show.metric()) != null)
        .map(show -> show.label() + " " + Text.format(show.format(), values.get(show.metric())))
        .collect(Collectors.joining(separator));
  }

  private static final class Lines extends ProgressReport {
    private final PrintWriter out;

    Lines(PrintWriter out, List<Shown> shown) {
      super(shown);
      this.out = out;
    }

    @Override
    public void onEpoch(TrainingEvent event) {
      String total = Integer.toString(event.epochs());
      String epoch = Text.format("%" + total.length() + "d/%s", event.epoch(), total);
      String rate = Text.count(Math.round(event.rate())) + " samples/s";
      out.println(
          "epoch "
              + epoch
              + "   "
              + Text.duration(event.seconds())
              + "   "
              + rate
              + "   "
              + metrics(event, "   "));
      out.flush();
    }
  }

  private static final class Bar extends ProgressReport {
    private final BarLine line = new BarLine(System.err, Terminal.width() - 3);
    private ProgressBar bar;
    private long done;
    private String measured = "";

    Bar(List<Shown> shown) {
      super(shown.subList(0, Math.min(1, shown.size()))); // there is little room
    }

    @Override
    public void onStart(TrainingEvent event) {
      if (event.epoch() == event.epochs()) {
        return; // a finished run that is resumed
      }
      long perEpoch = event.source().examplesPerEpoch();
      done = event.epoch() * perEpoch + perEpoch * event.batch() / event.batches();
      bar =
          new ProgressBarBuilder()
              .setInitialMax(perEpoch * event.epochs())
              .startsFrom(done, Duration.ZERO)
              .setUpdateIntervalMillis(200)
              .setRenderer(new BarRenderer(Terminal.shows('\u2501')))
              .setConsumer(line)
              .build();
    }

    @Override
    public void onBatch(TrainingEvent event) {
      bar.stepTo(done + event.examples());
      if (event.batch() == 1) {
        tell(event);
      }
    }

    @Override
    public void onEpoch(TrainingEvent event) {
      measured = "  " + metrics(event, "  ");
      tell(event);
    }

    private void tell(TrainingEvent event) {
      int epoch = Math.min(event.epoch() + 1, event.epochs());
      bar.setExtraMessage("epoch " + epoch + "/" + event.epochs() + measured);
    }

    @Override
    public void onEnd(TrainingEvent event) {
      if (bar != null) {
        bar.close();
      }
    }

    @Override
    public void quiet() {
      line.quiet();
    }
  }
}
