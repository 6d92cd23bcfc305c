// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.generatrix.binding.Device;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Views, permutations, slices and their kind, in either number type. */
class RearrangeTest {
  private final Device device = Device.cpu(1);
  private final Scope scope = new Scope();

  @AfterEach
  void everythingIsFreed() {
    scope.close();
    assertEquals(0, device.memory().live());
    device.close();
  }

  // 0, 1, 2, ..
  private Tensor counted(long... shape) {
    return scope.own(
        scope
            .own(
                Tensor.arange(
                    device, DType.FLOAT64, 0, Arrays.stream(shape).reduce(1, (a, b) -> a * b), 1))
            .reshape(shape));
  }

  private void expect(Tensor actual, long[] shape, double... values) {
    scope.own(actual);
    assertArrayEquals(shape, actual.shape());
    assertArrayEquals(values, actual.toDoubleArray());
  }

  private static long[] shape(long... sizes) {
    return sizes;
  }

  private static void refused(String part, org.junit.jupiter.api.function.Executable call) {
    RuntimeException e = assertThrows(RuntimeException.class, call);
    assertTrue(
        e instanceof IllegalArgumentException || e instanceof IndexOutOfBoundsException,
        e::toString);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void reshapingGivesViews() {
    Tensor x = counted(2, 6);
    Tensor y = x.reshape(3, -1);
    expect(y, shape(3, 4), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    assertTrue(y.isView());
    y.set(-5, 1, 0);
    assertEquals(-5, x.get(0, 4));
    expect(x.reshape(-1), shape(12), x.toDoubleArray());
    expect(scope.own(Tensor.zeros(device, 0, 3)).reshape(0, 5), shape(0, 5));
    refused("a shape of 12 elements, got [5, -1]", () -> x.reshape(5, -1));
    refused("a shape of 12 elements, got [3, 3]", () -> x.reshape(3, 3));
    refused("at most one -1", () -> x.reshape(-1, -1));
    refused("at most one -1", () -> x.reshape(-2, 6));
    refused("a shape of 12 elements, got [0, -1]", () -> x.reshape(0, -1));
    refused("at most 8 axes", () -> x.reshape(1, 1, 1, 1, 1, 1, 1, 1, 12));
    refused("expected FLOAT32", () -> scope.own(Tensor.bits(device, 2, 2)).reshape(4));
  }

  @Test
  void aViewDiesWithItsBaseAndFreesNothing() {
    Tensor x = Tensor.zeros(device, 4, 2);
    Tensor view = x.narrow(0, 1, 2);
    view.close();
    assertFalse(view.isClosed());
    assertEquals(32, device.memory().live());
    x.close();
    assertTrue(view.isClosed());
    assertThrows(IllegalStateException.class, view::toArray);
    assertThrows(IllegalStateException.class, () -> view.set(1, 0, 0));
    assertThrows(IllegalStateException.class, view::copy);
    assertThrows(IllegalStateException.class, () -> view.permute(1, 0));
    assertThrows(IllegalStateException.class, () -> view.narrow(0, 0, 1).get(0, 0));
  }

  @Test
  void viewsAreUsedWhereverTensorsAre() {
    Tensor x = scope.own(Tensor.of(device, new float[] {0, 1, 2, 3, 4, 5, 6, 7}, 4, 2));
    Tensor tail = x.narrow(0, 2, 2);
    assertArrayEquals(new float[] {4, 5, 6, 7}, tail.toArray());
    expect(tail.rowsAt(new long[] {1, 0}), shape(2, 2), 6, 7, 4, 5);
    expect(tail.toBits(5.5f), shape(2, 2), 0, 0, 1, 1);
    expect(tail.copy(), shape(2, 2), 4, 5, 6, 7);
    expect(tail.to(DType.FLOAT64), shape(2, 2), 4, 5, 6, 7);
    x.narrow(0, 0, 2).copyFrom(tail);
    assertArrayEquals(new float[] {4, 5, 6, 7, 4, 5, 6, 7}, x.toArray());
    assertThrows(IllegalStateException.class, tail::buffer);
    assertEquals(x.buffer(), x.narrow(0, 0, 2).buffer());
  }

  @Test
  void axesArePermuted() {
    Tensor x = counted(2, 3);
    expect(x.transpose(0, 1), shape(3, 2), 0, 3, 1, 4, 2, 5);
    expect(scope.own(x.transpose(-1, -2)).transpose(0, 1), shape(2, 3), 0, 1, 2, 3, 4, 5);
    expect(counted(2, 2, 2).permute(2, 0, 1), shape(2, 2, 2), 0, 2, 4, 6, 1, 3, 5, 7);
    expect(scope.own(Tensor.of(device, new float[] {7})).permute(), shape(), 7);
    expect(scope.own(Tensor.zeros(device, 0, 3)).transpose(0, 1), shape(3, 0));
    refused("an axis of 2, got 2", () -> x.transpose(0, 2));
    refused("an axis of 2, got -3", () -> x.transpose(0, -3));
    refused("each of 2 axes once, got [0, 0]", () -> x.permute(0, 0));
    refused("each of 2 axes once, got [0]", () -> x.permute(0));
  }

  @Test
  void partsThatLieTogetherAreViews() {
    Tensor x = counted(3, 2, 2);
    Tensor rows = x.narrow(0, 1, 2);
    assertTrue(rows.isView());
    expect(rows, shape(2, 2, 2), 4, 5, 6, 7, 8, 9, 10, 11);
    assertTrue(rows.slice(shape(1, 1), shape(2, 2)).isView());
    expect(rows.slice(shape(1, 1), shape(2, 2)), shape(1, 1, 2), 10, 11);
    Tensor columns = x.narrow(-1, 1, 1);
    assertFalse(columns.isView());
    expect(columns, shape(3, 2, 1), 1, 3, 5, 7, 9, 11);
    expect(x.slice(shape(0), shape(3), shape(2)), shape(2, 2, 2), 0, 1, 2, 3, 8, 9, 10, 11);
    expect(x.slice(shape(-2, 0, -1), shape(3, -1, 2)), shape(2, 1, 1), 5, 9);
    expect(x.narrow(0, 3, 0), shape(0, 2, 2));
    expect(x.slice(shape(3, 2), shape(3, 2)), shape(0, 0, 2));
    expect(x.slice(shape(), shape()), shape(3, 2, 2), x.toDoubleArray());
    refused("a part of the 3 indices of axis 0, got 2 from 2", () -> x.narrow(0, 2, 2));
    refused("got 1 from -1", () -> x.narrow(0, -1, 1));
    refused("got -1 from 1", () -> x.narrow(0, 1, -1));
    refused("an axis of 3, got 3", () -> x.narrow(3, 0, 1));
    refused("along axis 1, got 0 to 3 by 1", () -> x.slice(shape(0, 0), shape(1, 3)));
    refused("got 2 to 1 by 1", () -> x.slice(shape(2), shape(1)));
    refused("got 0 to 3 by 0", () -> x.slice(shape(0), shape(3), shape(0)));
    refused("some of 3 axes, got 1, 2 and none", () -> x.slice(shape(0), shape(3, 3)));
    refused("got 4, 4", () -> x.slice(new long[4], new long[4]));
  }

  @Test
  void tensorsAreJoinedAndSplit() {
    Tensor a = counted(2, 2);
    Tensor b = counted(2, 1);
    expect(Tensor.concat(1, a, b), shape(2, 3), 0, 1, 0, 2, 3, 1);
    expect(Tensor.concat(0, a, a.narrow(0, 1, 1)), shape(3, 2), 0, 1, 2, 3, 2, 3);
    expect(Tensor.concat(-1, a), shape(2, 2), 0, 1, 2, 3);
    expect(Tensor.stack(0, a, a), shape(2, 2, 2), 0, 1, 2, 3, 0, 1, 2, 3);
    expect(Tensor.stack(-1, a, a), shape(2, 2, 2), 0, 0, 1, 1, 2, 2, 3, 3);
    Tensor one = scope.own(Tensor.full(device, DType.FLOAT64, 7));
    expect(Tensor.stack(0, one, one), shape(2), 7, 7);
    Tensor[] parts = counted(2, 3).split(1, 1, 0, 2);
    expect(parts[0], shape(2, 1), 0, 3);
    expect(parts[1], shape(2, 0));
    expect(parts[2], shape(2, 2), 1, 2, 4, 5);
    refused("equal but along axis 0, got [2, 2] and [2, 1]", () -> Tensor.concat(0, a, b));
    refused("got [2, 2] and [4]", () -> Tensor.concat(0, a, a.reshape(4)));
    refused("like the others", () -> Tensor.concat(0, a, scope.own(a.toFloats())));
    refused("at least one", () -> Tensor.concat(0));
    refused("at least one", () -> Tensor.stack(0));
    refused("an axis of 3, got 3", () -> Tensor.stack(3, a));
    refused("add up to 2, got [1, 2]", () -> a.split(0, 1, 2));
    refused("got 3 from 0", () -> a.split(0, 3, -1));
  }

  @Test
  void indicesAreGathered() {
    Tensor x = counted(2, 3);
    expect(x.gather(1, 2, 0, 2), shape(2, 3), 2, 0, 2, 5, 3, 5);
    expect(x.gather(0, 1), shape(1, 3), 3, 4, 5);
    expect(x.gather(-2), shape(0, 3));
    expect(x.rowsAt(new long[] {1, 1}), shape(2, 3), 3, 4, 5, 3, 4, 5);
    refused("index[1] must be at least 0 and below 3", () -> x.gather(1, 0, 3));
    refused("got -1", () -> x.gather(1, -1));
    refused("an axis of 2", () -> x.gather(2, 0));
  }

  @Test
  void shapesAreBroadcast() {
    Tensor row = counted(3);
    expect(row.broadcastTo(2, 3), shape(2, 3), 0, 1, 2, 0, 1, 2);
    expect(row.reshape(3, 1).broadcastTo(3, 2), shape(3, 2), 0, 0, 1, 1, 2, 2);
    expect(counted().broadcastTo(2, 2), shape(2, 2), 0, 0, 0, 0);
    expect(counted(2, 1, 2).broadcastTo(2, 2, 2), shape(2, 2, 2), 0, 1, 0, 1, 2, 3, 2, 3);
    expect(counted(1).broadcastTo(0), shape(0));
    refused("broadcasts to [2], got [3]", () -> row.broadcastTo(2));
    refused("broadcasts to [3, 2], got [3]", () -> row.broadcastTo(3, 2));
    refused("broadcasts to [], got [3]", () -> row.broadcastTo());
    refused("sizes >= 0", () -> counted(1).broadcastTo(-1));
  }
}
