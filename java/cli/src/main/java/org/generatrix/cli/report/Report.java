// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.generatrix.cli.Text;

/**
 * A report in one HTML file: style, pictures and charts are inlined, nothing is loaded from
 * anywhere, no script runs. It follows the reader's light or dark setting and fits a phone.
 * Sections appear in the order of the calls; all text is escaped here.
 */
public final class Report {
  /** A headline number with a word above and a remark below. */
  public record Fact(String label, String value, String note) {}

  private final String title;
  private final StringBuilder body = new StringBuilder(1 << 16);

  public Report(String title, String lede) {
    this.title = title;
    body.append("<header><p class=\"brand\">Generatrix</p><h1>")
        .append(escape(title))
        .append("</h1><p class=\"lede\">");
    body.append(escape(lede)).append("</p></header>\n");
  }

  public Report facts(List<Fact> facts) {
    body.append("<dl class=\"facts\">\n");
    for (Fact fact : facts) {
      body.append("<div><dt>")
          .append(escape(fact.label()))
          .append("</dt><dd>")
          .append(escape(fact.value()));
      body.append("<small>").append(escape(fact.note())).append("</small></dd></div>\n");
    }
    body.append("</dl>\n");
    return this;
  }

  /** A notice above all sections, for a run that stopped early. */
  public Report notice(String text) {
    body.append("<p class=\"notice\">").append(escape(text)).append("</p>\n");
    return this;
  }

  public Report picture(String heading, String caption, byte[] png) {
    open(heading, caption);
    body.append("<figure><img class=\"pixels\" alt=\"").append(escape(heading)).append("\" src=\"");
    body.append(dataUri(png)).append("\"></figure>\n");
    return close();
  }

  public Report charts(String heading, String caption, List<Chart> charts) {
    open(heading, caption);
    body.append("<div class=\"charts\">\n");
    for (Chart chart : charts) {
      if (!chart.hasPoints()) {
        continue;
      }
      body.append("<figure><figcaption>").append(escape(chart.title())).append(legend(chart));
      body.append("</figcaption><picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"");
      body.append(dataUri(chart.darkPng())).append("\"><img alt=\"").append(escape(chart.title()));
      body.append("\" width=\"").append(Chart.WIDTH).append("\" height=\"").append(Chart.HEIGHT);
      body.append("\" src=\"").append(dataUri(chart.lightPng())).append("\"></picture></figure>\n");
    }
    body.append("</div>\n");
    return close();
  }

  /** A table with a heading row; the first column names the row. */
  public Report table(
      String heading, String caption, List<String> columns, List<List<String>> rows) {
    open(heading, caption);
    body.append("<div class=\"scroll\"><table><thead><tr>");
    columns.forEach(
        column -> body.append("<th scope=\"col\">").append(escape(column)).append("</th>"));
    body.append("</tr></thead><tbody>\n");
    for (List<String> row : rows) {
      body.append("<tr><th scope=\"row\">").append(escape(row.get(0))).append("</th>");
      row.stream()
          .skip(1)
          .forEach(cell -> body.append("<td>").append(escape(cell)).append("</td>"));
      body.append("</tr>\n");
    }
    body.append("</tbody></table></div>\n");
    return close();
  }

  /** Names and values in two columns. */
  public Report pairs(String heading, String caption, Map<String, String> pairs) {
    open(heading, caption);
    body.append("<table class=\"pairs\"><tbody>\n");
    pairs.forEach(
        (name, value) -> {
          body.append("<tr><th scope=\"row\">").append(escape(name)).append("</th><td>");
          body.append(escape(value)).append("</td></tr>\n");
        });
    body.append("</tbody></table>\n");
    return close();
  }

  public String html() {
    return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        + "<meta name=\"color-scheme\" content=\"light dark\">\n"
        + ("<title>"
            + escape(title)
            + " · Generatrix</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n")
        + (stylesheet()
            + "</style>\n</head>\n<body>\n<main>\n"
            + body
            + "</main>\n</body>\n</html>\n");
  }

  /** Nats with two decimals and the minus sign of typography. */
  public static String nats(double x) {
    return minus(Text.nats(x));
  }

  /** With the minus sign of typography; the hyphen is for terminals and files. */
  public static String minus(String figures) {
    return figures.replace('-', '\u2212');
  }

  private void open(String heading, String caption) {
    body.append("<section>\n<h2>").append(escape(heading)).append("</h2>\n");
    if (!caption.isEmpty()) {
      body.append("<p class=\"caption\">").append(escape(caption)).append("</p>\n");
    }
  }

  private Report close() {
    body.append("</section>\n");
    return this;
  }

  /** The names of a chart's lines behind a swatch of their colour; nothing for a single line. */
  private static String legend(Chart chart) {
    if (chart.lines().size() < 2) {
      return "";
    }
    StringBuilder legend = new StringBuilder("<span class=\"legend\">");
    for (int i = 0; i < chart.lines().size(); i++) {
      legend.append("<span class=\"line").append(i).append("\">");
      legend.append(escape(chart.lines().get(i).name())).append("</span>");
    }
    return legend.append("</span>").toString();
  }

  private static String dataUri(byte[] png) {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
  }

  static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  private static String stylesheet() {
    try (InputStream in = Report.class.getResourceAsStream("report.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
