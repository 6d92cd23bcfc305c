// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import org.bytedeco.javacpp.FloatPointer;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;

/**
 * The two products of a Gibbs sweep alone, v W and h W^T, in OpenBLAS: no bias, no sigmoid, no
 * random numbers.
 */
public final class BlasProducts implements AutoCloseable {
  private final int visible;
  private final int hidden;
  private final int rows;
  private final FloatPointer weights; // [visible][hidden]
  private final FloatPointer v; // [rows][visible]
  private final FloatPointer h; // [rows][hidden]
  private final FloatPointer vW; // [rows][hidden]
  private final FloatPointer hWt; // [rows][visible]

  public BlasProducts(int visible, int hidden, int rows, float[] weights, float[] v, float[] h) {
    this.visible = visible;
    this.hidden = hidden;
    this.rows = rows;
    this.weights = new FloatPointer(weights);
    this.v = new FloatPointer(v);
    this.h = new FloatPointer(h);
    vW = new FloatPointer((long) rows * hidden);
    hWt = new FloatPointer((long) rows * visible);
  }

  public void run() {
    OpenBlas.multiply(v, weights, vW, rows, hidden, visible);
    OpenBlas.multiplyTransposed(h, weights, hWt, rows, visible, hidden);
  }

  /** v W, [rows][hidden], after a run. */
  public float[] hiddenProduct() {
    float[] values = new float[rows * hidden];
    vW.get(values);
    return values;
  }

  /** h W^T, [rows][visible], after a run. */
  public float[] visibleProduct() {
    float[] values = new float[rows * visible];
    hWt.get(values);
    return values;
  }

  public Peer peer() {
    return new Peer("openblas-products", new Contender("sgemm", this::run));
  }

  @Override
  public void close() {
    weights.close();
    v.close();
    h.close();
    vW.close();
    hWt.close();
  }
}
