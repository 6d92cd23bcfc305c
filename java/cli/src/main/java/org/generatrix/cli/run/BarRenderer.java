// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import me.tongfei.progressbar.ProgressBarRenderer;
import me.tongfei.progressbar.ProgressState;
import org.generatrix.cli.Text;

/**
 * A progress bar that says what matters and still fits 80 columns: share, rate, time left, and a
 * remark, as in "training ━━━━━────── 45 % 12,400 samples/s 9 s left epoch 18/40 pl -114.5". The
 * rate is that of this process, also when a run is resumed.
 */
final class BarRenderer implements ProgressBarRenderer {
  private static final int LEAST_WIDTH = 6;
  private static final int MOST_WIDTH = 40;

  private final char done;
  private final char open;

  /** With lines, or with ASCII where lines would not show. */
  BarRenderer(boolean lines) {
    done = lines ? '\u2501' : '=';
    open = lines ? '\u2500' : '.';
  }

  @Override
  public String render(ProgressState state, int width) {
    double seconds = state.getElapsedAfterStart().toMillis() / 1e3;
    return render(
        state.getCurrent(),
        state.getStart(),
        state.getMax(),
        seconds,
        state.getExtraMessage(),
        width);
  }

  /** The same from plain numbers. */
  String render(long current, long start, long max, double seconds, String remark, int width) {
    double share = max > 0 ? Math.min(1, current / (double) max) : 0;
    double rate = seconds > 0 ? (current - start) / seconds : 0;
    String left = rate > 0 ? Text.duration((max - current) / rate) + " left" : "";
    String head = "training ";
    String tail =
        Text.format(
            " %3d %%  %s samples/s  %s  %s",
            (int) (100 * share), Text.count(Math.round(rate)), left, remark);
    int bar = Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, width - head.length() - tail.length()));
    int filled = (int) Math.round(share * bar);
    String line =
        head
            + String.valueOf(done).repeat(filled)
            + String.valueOf(open).repeat(bar - filled)
            + tail;
    return line.length() <= width ? line : line.substring(0, width);
  }
}
