// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Elements as NumPy prints them with a precision of 4: nested brackets, one width for all, lines of
 * 75 characters, and of more than 1000 elements only the first and last three along each axis.
 */
final class TensorPrinter {
  private static final int PLACES = 4;
  private static final int LINE = 75;
  private static final int THRESHOLD = 1000;
  private static final int EDGE = 3;

  private final Elements tensor;
  private final long[] shape;
  private final boolean summary;
  private final double[] all; // of a tensor that is not summarised
  private List<String> words; // of the elements shown, in their order
  private int next; // of them

  private TensorPrinter(Elements tensor) {
    this.tensor = tensor;
    this.shape = tensor.shape;
    this.summary = tensor.size() > THRESHOLD;
    this.all = summary ? null : tensor.toDoubleArray();
  }

  static String print(Elements tensor) {
    if (tensor.size() == 0) {
      return "[]";
    }
    TensorPrinter printer = new TensorPrinter(tensor);
    List<Double> shown = new ArrayList<>();
    printer.collect(0, 0, shown);
    printer.words =
        tensor.dtype() == DType.BITS
            ? shown.stream().map(bit -> bit == 1 ? "1" : "0").toList()
            : format(shown, tensor.dtype() == DType.FLOAT32);
    return printer.nested(0, " ", LINE);
  }

  private boolean cut(int axis) {
    return summary && shape[axis] > 2 * EDGE;
  }

  private void collect(int axis, long flat, List<Double> shown) {
    if (axis == shape.length) {
      shown.add(all != null ? all[(int) flat] : tensor.at(flat));
      return;
    }
    for (long i = 0; i < shape[axis]; i++) {
      if (cut(axis) && i == EDGE) {
        i = shape[axis] - EDGE;
      }
      collect(axis + 1, flat * shape[axis] + i, shown);
    }
  }

  // --- Layout, after numpy.core.arrayprint ---

  private String nested(int axis, String indent, int width) {
    if (axis == shape.length) {
      return words.get(next++);
    }
    StringBuilder text = new StringBuilder();
    int left = shape.length - axis;
    Line line = left == 1 ? new Line(text, indent, width - 1) : null;
    String between = "\n".repeat(left - 1);
    for (long i = 0; i < shape[axis]; i++) {
      if (cut(axis) && i == EDGE) {
        i = shape[axis] - EDGE;
        if (line != null) {
          line.add("...");
        } else {
          text.append(indent).append("...").append(between);
        }
      }
      String inner = nested(axis + 1, indent + " ", width - 1);
      if (line != null) {
        line.add(inner);
      } else {
        text.append(indent).append(inner).append(i + 1 < shape[axis] ? between : "");
      }
    }
    if (line != null) {
      line.end();
    }
    return "[" + text.substring(indent.length()) + "]";
  }

  /** Words with spaces between them, on as many lines as they need. */
  private static final class Line {
    private final StringBuilder text;
    private final String indent;
    private final int width;
    private String line;

    Line(StringBuilder text, String indent, int width) {
      this.text = text;
      this.indent = indent;
      this.width = width;
      this.line = indent;
    }

    void add(String word) {
      if (line.length() + word.length() > width && line.length() > indent.length()) {
        text.append(line.stripTrailing()).append('\n');
        line = indent;
      }
      line += word + " ";
    }

    void end() {
      text.append(line, 0, line.length() - 1);
    }
  }

  // --- Numbers ---

  private static List<String> format(List<Double> values, boolean single) {
    double most = 0;
    double least = Double.POSITIVE_INFINITY;
    for (double value : values) {
      double size = Math.abs(value);
      if (size > 0 && size < Double.POSITIVE_INFINITY) {
        most = Math.max(most, size);
        least = Math.min(least, size);
      }
    }
    boolean exponents = most > 0 && (most >= 1e8 || least < 1e-4 || most / least > 1000);
    List<String> parts = new ArrayList<>();
    int before = 0;
    int after = 0;
    for (double value : values) {
      if (Double.isFinite(value)) {
        String word = exponents ? exponent(value, single) : fixed(value, single);
        parts.add(word);
        before = Math.max(before, word.indexOf('.'));
        after =
            Math.max(after, (exponents ? word.indexOf('e') : word.length()) - word.indexOf('.'));
      } else {
        parts.add(Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf");
      }
    }
    return align(parts, before, after, exponents);
  }

  // Digits before the point are padded on the left; behind it come spaces, or zeros before an
  // exponent.
  private static List<String> align(List<String> parts, int before, int after, boolean exponents) {
    List<String> words = new ArrayList<>();
    int width = 0;
    for (String part : parts) {
      int point = part.indexOf('.');
      if (point >= 0) {
        int e = exponents ? part.indexOf('e') : part.length();
        part =
            " ".repeat(before - point)
                + part.substring(0, e)
                + (exponents ? "0" : " ").repeat(after - (e - point))
                + part.substring(e);
      }
      words.add(part);
      width = Math.max(width, part.length());
    }
    int wide = width;
    return words.stream().map(word -> " ".repeat(wide - word.length()) + word).toList();
  }

  private static BigDecimal shortest(double value, boolean single) {
    return new BigDecimal(single ? Float.toString((float) value) : Double.toString(value));
  }

  /** "-12.25", "3."; the sign stays on a zero. */
  private static String fixed(double value, boolean single) {
    BigDecimal rounded = shortest(value, single).setScale(PLACES, RoundingMode.HALF_EVEN);
    String digits = rounded.abs().toPlainString().replaceAll("0+$", "");
    return (sign(value)) + digits;
  }

  /** "-1.225e+01". */
  private static String exponent(double value, boolean single) {
    BigDecimal rounded =
        shortest(value, single).abs().round(new MathContext(PLACES + 1, RoundingMode.HALF_EVEN));
    String digits = rounded.unscaledValue().toString();
    int power = rounded.signum() == 0 ? 0 : digits.length() - 1 - rounded.scale();
    String mantissa = digits.charAt(0) + "." + digits.substring(1).replaceAll("0+$", "");
    return sign(value) + mantissa + "e%s%02d".formatted(power < 0 ? "-" : "+", Math.abs(power));
  }

  private static String sign(double value) {
    return Double.doubleToRawLongBits(value) < 0 ? "-" : "";
  }
}
