// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.binding.Optim;
import org.generatrix.binding.View;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/** Looks for numbers that are none. */
public final class NonFinite {
  private NonFinite() {}

  /** The name of a tensor of a module's state that holds a NaN or an infinity, or null. */
  public static String in(Module module) {
    List<String> names = new ArrayList<>();
    List<View> views = new ArrayList<>();
    Tensor[] first = new Tensor[1];
    module
        .state()
        .forEach(
            (name, tensor) -> {
              if (tensor.dtype() != DType.BITS) {
                names.add(name);
                views.add(tensor.view());
                first[0] = tensor;
              }
            });
    if (views.isEmpty()) {
      return null;
    }
    Optim.Place found = Optim.firstNotFinite(first[0].device(), views);
    return found == null ? null : names.get(found.array());
  }
}
