// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigJsonTest {
  public sealed interface Shape {
    record Disc(double radius) implements Shape {
      public Disc {
        if (radius < 0) {
          throw new IllegalArgumentException("radius must not be negative, got " + radius);
        }
      }
    }

    record Box(int width, Colour colour) implements Shape {}
  }

  public enum Colour {
    RED,
    BLUE
  }

  public record Size(long rows, boolean square) {}

  public record Picture(
      String name, Size size, Shape frame, List<Shape> shapes, List<Integer> marks) {}

  private static final Picture PICTURE =
      new Picture(
          "a \"b\"",
          new Size(1L << 40, true),
          new Shape.Box(2, Colour.BLUE),
          List.of(new Shape.Disc(0.1), new Shape.Box(-3, Colour.RED)),
          List.of());

  private static final String JSON =
      "{\"name\":\"a \\\"b\\\"\",\"size\":{\"rows\":1099511627776,\"square\":true},"
          + "\"frame\":{\"type\":\"Box\",\"width\":2,\"colour\":\"BLUE\"},"
          + "\"shapes\":[{\"type\":\"Disc\",\"radius\":0.1},"
          + "{\"type\":\"Box\",\"width\":-3,\"colour\":\"RED\"}],\"marks\":[]}";

  @Test
  void recordsAndListsNest() {
    assertEquals(JSON, ConfigJson.write(PICTURE));
    assertEquals(PICTURE, ConfigJson.read(Picture.class, JSON));
  }

  private static void refused(String part, String from, String to) {
    assertTrue(JSON.contains(from));
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> ConfigJson.read(Picture.class, JSON.replace(from, to)))
            .getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void nonsenseIsRefusedWhereItStands() {
    refused("Size needs the entry \"square\"", ",\"square\":true", "");
    refused("Size has no entry \"odd\"", "\"rows\":", "\"odd\":1,\"rows\":");
    refused("Picture.size must be a size, got 5", "{\"rows\":1099511627776,\"square\":true}", "5");
    refused(
        "Picture.frame needs the entry \"type\", one of [Disc, Box], got \"Ball\"",
        "\"type\":\"Box\",\"width\":2",
        "\"type\":\"Ball\",\"width\":2");
    refused(
        "Picture.frame needs the entry \"type\"", "\"type\":\"Box\",\"width\":2", "\"width\":2");
    refused("Picture.shapes[0] must be a shape, got 1", "{\"type\":\"Disc\",\"radius\":0.1}", "1");
    refused("radius must not be negative", "\"radius\":0.1", "\"radius\":-0.1");
    refused("Disc.radius must be a double, got null", "\"radius\":0.1", "\"radius\":null");
    refused("Box.colour must be a colour", "RED", "GREEN");
  }
}
