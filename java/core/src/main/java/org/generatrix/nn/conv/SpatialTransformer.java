// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import java.util.Arrays;
import java.util.Objects;
import org.generatrix.autograd.Resampling;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.nn.Initialiser;
import org.generatrix.nn.Layer;
import org.generatrix.nn.Linear;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * A picture seen through an affine map that depends on it (Jaderberg et al., "Spatial transformer
 * networks", 2015): a localisation network makes features of x, a linear map "theta" what they add
 * to the identity,
 *
 * <pre>
 * theta = (1 0 0; 0 1 0) + W h(x) + b     and y = x sampled at the grid of theta.
 * </pre>
 *
 * W and b begin at 0, so that the layer begins as the identity.
 */
public final class SpatialTransformer extends Module implements Layer {
  private static final float[] IDENTITY = {1, 0, 0, 0, 1, 0};

  private final Layer localisation;
  private final Linear theta;

  /**
   * @param localisation of x [N, C, H, W] to [N, features]; "localisation" if it is a module
   */
  public SpatialTransformer(Device device, DType dtype, Layer localisation, long features) {
    this.localisation = Objects.requireNonNull(localisation, "localisation");
    if (localisation instanceof Module module) {
      child("localisation", module);
    }
    theta = child("theta", new Linear(device, dtype, features, 6, true, Initialiser.zeros()));
  }

  /** The maps of pictures, [N, 2, 3]. */
  public Var theta(Var x) {
    Tape tape = x.tape();
    Tensor identity = tape.empty(x.dtype(), 1, 6);
    identity.copyFrom(IDENTITY);
    return theta.apply(localisation.apply(x)).add(tape.constant(identity)).reshape(-1, 2, 3);
  }

  @Override
  public Var apply(Var x) {
    long[] shape = x.shape();
    if (shape.length != 4) {
      throw new IllegalArgumentException("expected x [N, C, H, W], got " + Arrays.toString(shape));
    }
    return Resampling.gridSample(x, Resampling.affineGrid(theta(x), shape[2], shape[3]));
  }
}
