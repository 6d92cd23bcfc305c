// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.run;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One measured line: ours against one peer, or ours alone.
 *
 * @param name of the row, {@code gibbs-sweep:784x500:b1024}
 * @param shape its part after the first colon
 * @param oursMillis median milliseconds per unit of work
 * @param peer who it is measured against, or null
 * @param peerMillis the same of the peer, or NaN
 * @param rate ours, as text: {@code 730 GFLOP/s-eq}
 * @param ceilingShare of the sgemm rate or the copy bandwidth of the same run, or NaN
 * @param oursSpread median absolute deviation over median
 * @param peerSpread the same of the peer, or NaN
 * @param note a remark, or ""
 */
public record ResultRow(
    String name,
    String shape,
    int threads,
    double oursMillis,
    String peer,
    double peerMillis,
    String rate,
    double ceilingShare,
    double oursSpread,
    double peerSpread,
    String note) {

  /** How many times faster ours is, or NaN without a peer. */
  public double ratio() {
    return peerMillis / oursMillis;
  }

  /** The row as it is written to files; what there is not is null. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", name);
    json.put("shape", shape);
    json.put("threads", threads);
    json.put("ours_ms", oursMillis);
    json.put("peer", peer);
    json.put("peer_ms", orNull(peerMillis));
    json.put("ratio", orNull(ratio()));
    json.put("ceiling_share", orNull(ceilingShare));
    json.put("rate", rate);
    json.put("ours_spread", oursSpread);
    json.put("peer_spread", orNull(peerSpread));
    json.put("note", note);
    return json;
  }

  /** The row of such a map. */
  public static ResultRow of(Map<String, Object> json) {
    return new ResultRow(
        (String) json.get("name"),
        (String) json.get("shape"),
        (int) number(json, "threads"),
        number(json, "ours_ms"),
        (String) json.get("peer"),
        number(json, "peer_ms"),
        (String) json.get("rate"),
        number(json, "ceiling_share"),
        number(json, "ours_spread"),
        number(json, "peer_spread"),
        (String) json.get("note"));
  }

  private static Double orNull(double value) {
    return Double.isNaN(value) ? null : value;
  }

  private static double number(Map<String, Object> json, String key) {
    return json.get(key) instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
