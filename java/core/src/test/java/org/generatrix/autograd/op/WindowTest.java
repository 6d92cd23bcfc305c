// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class WindowTest {
  private static void refused(String part, Executable call) {
    Exception e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void oneNumberIsForAllAxes() {
    Window w = Window.of(3, 5).stride(2).padding(1, 2).dilation(4).outputPadding(1).groups(6);
    assertEquals(
        new Window(List.of(3, 5), List.of(2, 2), List.of(1, 2), List.of(4, 4), List.of(1, 1), 6),
        w);
    assertEquals(2, w.axes());
    assertEquals(15, w.taps());
    assertEquals(List.of(1, 2, 3), Window.of(3, 5, 7).same().padding());
    assertEquals(List.of(8), Window.of(5).dilation(4).same().padding());
    assertEquals(List.of(1), Window.of(2).dilation(2).same().padding());
  }

  @Test
  void windowsRefuseNonsense() {
    refused("1 to 3 axes", () -> Window.of());
    refused("1 to 3 axes", () -> Window.of(1, 1, 1, 1));
    refused("kernel must be at least 1", () -> Window.of(3, 0));
    refused("stride must be at least 1", () -> Window.of(3).stride(0));
    refused("padding must be at least 0", () -> Window.of(3).padding(-1));
    refused("dilation must be at least 1", () -> Window.of(3).dilation(0));
    refused("outputPadding must be at least 0", () -> Window.of(3).outputPadding(-1));
    refused("groups must be at least 1", () -> Window.of(3).groups(0));
    refused("stride with 3 numbers", () -> Window.of(3, 3, 3).stride(1, 2));
    refused("a kernel with a middle", () -> Window.of(4).same());
  }

  // Oracle 36: mask A leaves the centre out, mask B keeps it; with colours it looks at them there.
  @Test
  void masksOfPixelCnn() {
    Window w = Window.of(3, 3);
    assertEquals(List.of(0, 1, 2, 3), TapMask.causal(w, false, 1).taps());
    assertEquals(List.of(0, 1, 2, 3, 4), TapMask.causal(w, true, 1).taps());
    TapMask a = TapMask.causal(w, false, 3);
    assertEquals(List.of(0, 1, 2, 3, 4), a.taps());
    assertEquals(3, a.colours());
    assertTrue(a.strictCentre());
    assertFalse(TapMask.causal(w, true, 3).strictCentre());
    assertEquals(List.of(0, 1, 2), TapMask.topHalf(w, false).taps());
    assertEquals(List.of(0, 1, 2, 3, 4, 5), TapMask.topHalf(w, true).taps());
    assertEquals(List.of(0, 1), TapMask.leftHalf(Window.of(1, 5), false).taps());
    assertEquals(List.of(0, 1, 2), TapMask.leftHalf(Window.of(1, 5), true).taps());
    assertEquals(List.of(3, 4), TapMask.leftHalf(w, true).taps());
    assertEquals(new TapMask(List.of(3, 4), 2, true), TapMask.leftHalf(w, false, 2));
    assertEquals(24, TapMask.causal(Window.of(7, 7), false, 1).live(Window.of(7, 7)));
    assertEquals(9, TapMask.all().live(w));
    assertTrue(TapMask.all().isAll());
    assertFalse(a.isAll());
    assertArrayEquals(new long[] {1, 1L << 6, 0, 0}, TapMask.of(70, 0, 70).words());
    assertArrayEquals(new long[4], TapMask.all().words());
    assertEquals("taps [0, 1, 2, 3, 4], 3 strict colours", a.toString());
  }

  @Test
  void masksRefuseNonsense() {
    refused("at least one live tap", () -> TapMask.of());
    refused("at least one live tap", () -> TapMask.causal(Window.of(1, 1), false, 1));
    refused("a kernel with a centre", () -> TapMask.causal(Window.of(2, 3), true, 1));
    refused("taps in [0, 256)", () -> TapMask.of(256));
    refused("taps in [0, 256)", () -> TapMask.of(-1));
    refused("colours must be at least 1", () -> TapMask.causal(Window.of(3), true, 0));
  }
}
