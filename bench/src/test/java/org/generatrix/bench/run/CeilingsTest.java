// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.generatrix.bench.Work;
import org.junit.jupiter.api.Test;

class CeilingsTest {
  private static final Ceilings CEILINGS = new Ceilings(2, 500, 80);

  @Test
  void workIsHeldAgainstTheCeilingOfItsUnit() {
    assertEquals(2, CEILINGS.share(Work.flops(2e9), 2), 1e-12); // 1000 of 500 GFLOP/s
    assertEquals(0.5, CEILINGS.share(Work.bytes(4e7), 1), 1e-12); // 40 of 80 GB/s
    assertTrue(Double.isNaN(CEILINGS.share(Work.call(), 1)));
  }

  @Test
  void ratesSayTheirUnit() {
    assertEquals("1000 GFLOP/s-eq", Work.flops(2e9).rate(2));
    assertEquals("40.0 GB/s", Work.bytes(4e7).rate(1));
    assertEquals("120 ns/call", Work.call().rate(1.2e-4));
  }
}
