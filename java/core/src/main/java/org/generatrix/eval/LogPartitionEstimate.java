// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval;

import java.util.Locale;

/**
 * What annealed importance sampling says about log Z, in nats.
 *
 * @param logZ the estimate
 * @param low lower end of the 95 % interval; minus infinity when the weights spread too much to
 *     bound it
 * @param high upper end; plus infinity likewise
 * @param chains how many weights it rests on
 * @param temperatures how many each chain went through
 * @param direction {@link Ais#FORWARD} or {@link Ais#REVERSE}
 */
public record LogPartitionEstimate(
    double logZ, double low, double high, int chains, int temperatures, String direction) {

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "log Z = %.3f [%.3f, %.3f] (%s AIS, %d chains, %d temperatures)",
        logZ,
        low,
        high,
        direction,
        chains,
        temperatures);
  }
}
