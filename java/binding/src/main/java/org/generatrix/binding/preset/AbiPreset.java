// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding.preset;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/**
 * Tells JavaCPP how to read the C ABI. The build parses native/include/generatrix and writes {@code
 * org.generatrix.binding.abi}; nothing outside this module uses that package.
 */
@Properties(
    target = "org.generatrix.binding.abi",
    global = "org.generatrix.binding.abi.Abi",
    value =
        @Platform(
            include = {
              "generatrix/core.h",
              "generatrix/random.h",
              "generatrix/states.h",
              "generatrix/gibbs.h",
              "generatrix/arrays.h",
              "generatrix/elementwise.h",
              "generatrix/reduce.h",
              "generatrix/softmax.h",
              "generatrix/norm.h",
              "generatrix/loss.h",
              "generatrix/optim.h",
              "generatrix/linear.h",
              "generatrix/recurrent.h",
              "generatrix/conv.h",
              "generatrix/resample.h",
              "generatrix/causal.h",
              "generatrix/coupling.h"
            },
            library = "jnigeneratrix",
            link = "generatrix@.0"))
public class AbiPreset implements InfoMapper {
  @Override
  public void map(InfoMap map) {
    map.put(new Info("GX_API").cppTypes().annotations());
    map.put(new Info("__cplusplus").define());
    // Pointer.limit() is something else.
    map.put(new Info("gx_memory::limit").javaNames("memoryLimit"));
  }
}
