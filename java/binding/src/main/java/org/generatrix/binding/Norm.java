// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.bytedeco.javacpp.Pointer;
import org.generatrix.binding.abi.Abi;
import org.generatrix.binding.abi.gx_adaptive_instance_norm_params;
import org.generatrix.binding.abi.gx_batch_norm_params;
import org.generatrix.binding.abi.gx_batch_renorm_params;
import org.generatrix.binding.abi.gx_group_norm_params;
import org.generatrix.binding.abi.gx_reference_batch_norm_params;

/**
 * norm.h: batch, group, layer and weight norm and their kin, with their gradients. The equations
 * are in the header. gamma and beta may be null; so may a gradient that is not wanted. {@code
 * statistics}, what a forward call saves for its backward call, are FLOAT64 in either format.
 */
public final class Norm {
  /** [examples, channels, spatial]. */
  public record Images(long examples, long channels, long spatial) {
    long size() {
      return Math.multiplyExact(Math.multiplyExact(examples, channels), spatial);
    }
  }

  /**
   * Mirrors gx_batch_norm_params.
   *
   * @param momentum of the running statistics; evaluation does not use it
   * @param relu whether max(y, 0) follows
   */
  public record Batch(Images images, double epsilon, double momentum, boolean relu) {}

  /** Mirrors gx_batch_renorm_params. */
  public record Renorm(Images images, double epsilon, double momentum, double rMax, double dMax) {}

  /** Mirrors gx_reference_batch_norm_params; the images are the references and the others. */
  public record Reference(long references, Images images, double epsilon) {
    /** Of the statistics. */
    public long sets() {
      return Math.multiplyExact(1 + images.examples - references, images.channels);
    }
  }

  /** Mirrors gx_group_norm_params. */
  public record Group(Images images, long groups, double epsilon, boolean relu) {}

  /** Mirrors gx_adaptive_instance_norm_params. */
  public record Adaptive(Images content, long styleSpatial, double epsilon) {
    long style() {
      return new Images(content.examples, content.channels, styleSpatial).size();
    }
  }

  private Norm() {}

  /** running: both or neither null, moved; statistics [2, channels]. */
  public static void batch(
      Device device,
      Batch p,
      View x,
      View gamma,
      View beta,
      View runningMean,
      View runningVar,
      View y,
      View statistics) {
    long channels = p.images.channels;
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_batch_norm(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().batch.fill(p),
              frame.array("x", x, p.images.size()),
              frame.optional("gamma", gamma, channels),
              frame.optional("beta", beta, channels),
              frame.optional("running_mean", runningMean, channels),
              frame.optional("running_var", runningVar, channels),
              frame.array("y", y, p.images.size()),
              frame.wideArray("statistics", statistics, 2 * channels)));
    } finally {
      frame.exit();
    }
  }

  public static void batchBackward(
      Device device,
      Batch p,
      View x,
      View gamma,
      View beta,
      View statistics,
      View dy,
      View dx,
      View dgamma,
      View dbeta) {
    long channels = p.images.channels;
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_batch_norm_backward(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().batch.fill(p),
              frame.array("x", x, p.images.size()),
              frame.optional("gamma", gamma, channels),
              frame.optional("beta", beta, channels),
              frame.wideArray("statistics", statistics, 2 * channels),
              frame.array("dy", dy, p.images.size()),
              frame.optional("dx", dx, p.images.size()),
              frame.optional("dgamma", dgamma, channels),
              frame.optional("dbeta", dbeta, channels)));
    } finally {
      frame.exit();
    }
  }

  public static void batchEvaluate(
      Device device,
      Batch p,
      View x,
      View gamma,
      View beta,
      View runningMean,
      View runningVar,
      View y) {
    long channels = p.images.channels;
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_batch_norm_evaluate(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().batch.fill(p),
              frame.array("x", x, p.images.size()),
              frame.optional("gamma", gamma, channels),
              frame.optional("beta", beta, channels),
              frame.array("running_mean", runningMean, channels),
              frame.array("running_var", runningVar, channels),
              frame.array("y", y, p.images.size())));
    } finally {
      frame.exit();
    }
  }

  public static void batchEvaluateBackward(
      Device device,
      Batch p,
      View x,
      View gamma,
      View beta,
      View runningMean,
      View runningVar,
      View dy,
      View dx,
      View dgamma,
      View dbeta) {
    long channels = p.images.channels;
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_batch_norm_evaluate_backward(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().batch.fill(p),
              frame.array("x", x, p.images.size()),
              frame.optional("gamma", gamma, channels),
              frame.optional("beta", beta, channels),
              frame.array("running_mean", runningMean, channels),
              frame.array("running_var", runningVar, channels),
              frame.array("dy", dy, p.images.size()),
              frame.optional("dx", dx, p.images.size()),
              frame.optional("dgamma", dgamma, channels),
              frame.optional("dbeta", dbeta, channels)));
    } finally {
      frame.exit();
    }
  }

  /** statistics [4, channels]. */
  public static void renorm(
      Device device,
      Renorm p,
      View x,
      View gamma,
      View beta,
      View runningMean,
      View runningVar,
      View y,
      View statistics) {
    long channels = p.images.channels;
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_batch_renorm(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().renorm.fill(p),
              frame.array("x", x, p.images.size()),
              frame.optional("gamma", gamma, channels),
              frame.optional("beta", beta, channels),
              frame.array("running_mean", runningMean, channels),
              frame.array("running_var", runningVar, channels),
              frame.array("y", y, p.images.size()),
              frame.wideArray("statistics", statistics, 4 * channels)));
    } finally {
      frame.exit();
    }
  }

  public static void renormBackward(
      Device device,
      Renorm p,
      View x,
      View gamma,
      View statistics,
      View dy,
      View dx,
      View dgamma,
      View dbeta) {
    long channels = p.images.channels;
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_batch_renorm_backward(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().renorm.fill(p),
              frame.array("x", x, p.images.size()),
              frame.optional("gamma", gamma, channels),
              frame.wideArray("statistics", statistics, 4 * channels),
              frame.array("dy", dy, p.images.size()),
              frame.optional("dx", dx, p.images.size()),
              frame.optional("dgamma", dgamma, channels),
              frame.optional("dbeta", dbeta, channels)));
    } finally {
      frame.exit();
    }
  }

  /** statistics [2, sets]. */
  public static void reference(
      Device device, Reference p, View x, View gamma, View beta, View y, View statistics) {
    long channels = p.images.channels;
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_reference_batch_norm(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().reference.fill(p),
              frame.array("x", x, p.images.size()),
              frame.optional("gamma", gamma, channels),
              frame.optional("beta", beta, channels),
              frame.array("y", y, p.images.size()),
              frame.wideArray("statistics", statistics, 2 * p.sets())));
    } finally {
      frame.exit();
    }
  }

  public static void referenceBackward(
      Device device,
      Reference p,
      View x,
      View gamma,
      View statistics,
      View dy,
      View dx,
      View dgamma,
      View dbeta) {
    long channels = p.images.channels;
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_reference_batch_norm_backward(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().reference.fill(p),
              frame.array("x", x, p.images.size()),
              frame.optional("gamma", gamma, channels),
              frame.wideArray("statistics", statistics, 2 * p.sets()),
              frame.array("dy", dy, p.images.size()),
              frame.optional("dx", dx, p.images.size()),
              frame.optional("dgamma", dgamma, channels),
              frame.optional("dbeta", dbeta, channels)));
    } finally {
      frame.exit();
    }
  }

  /** statistics [2, examples, groups]. */
  public static void group(
      Device device, Group p, View x, View gamma, View beta, View y, View statistics) {
    long channels = p.images.channels;
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_group_norm(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().group.fill(p),
              frame.array("x", x, p.images.size()),
              frame.optional("gamma", gamma, channels),
              frame.optional("beta", beta, channels),
              frame.array("y", y, p.images.size()),
              frame.wideArray("statistics", statistics, 2 * p.images.examples * p.groups)));
    } finally {
      frame.exit();
    }
  }

  public static void groupBackward(
      Device device,
      Group p,
      View x,
      View gamma,
      View beta,
      View statistics,
      View dy,
      View dx,
      View dgamma,
      View dbeta) {
    long channels = p.images.channels;
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_group_norm_backward(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().group.fill(p),
              frame.array("x", x, p.images.size()),
              frame.optional("gamma", gamma, channels),
              frame.optional("beta", beta, channels),
              frame.wideArray("statistics", statistics, 2 * p.images.examples * p.groups),
              frame.array("dy", dy, p.images.size()),
              frame.optional("dx", dx, p.images.size()),
              frame.optional("dgamma", dgamma, channels),
              frame.optional("dbeta", dbeta, channels)));
    } finally {
      frame.exit();
    }
  }

  /** statistics [4, examples, channels]. */
  public static void adaptive(
      Device device, Adaptive p, View content, View style, View y, View statistics) {
    long sets = p.content.examples * p.content.channels;
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_adaptive_instance_norm(
              frame.device(),
              frame.format(content),
              Params.OF_THREAD.get().adaptive.fill(p),
              frame.array("content", content, p.content.size()),
              frame.array("style", style, p.style()),
              frame.array("y", y, p.content.size()),
              frame.wideArray("statistics", statistics, 4 * sets)));
    } finally {
      frame.exit();
    }
  }

  public static void adaptiveBackward(
      Device device,
      Adaptive p,
      View content,
      View style,
      View statistics,
      View dy,
      View dcontent,
      View dstyle) {
    long sets = p.content.examples * p.content.channels;
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_adaptive_instance_norm_backward(
              frame.device(),
              frame.format(content),
              Params.OF_THREAD.get().adaptive.fill(p),
              frame.array("content", content, p.content.size()),
              frame.array("style", style, p.style()),
              frame.wideArray("statistics", statistics, 4 * sets),
              frame.array("dy", dy, p.content.size()),
              frame.optional("dcontent", dcontent, p.content.size()),
              frame.optional("dstyle", dstyle, p.style())));
    } finally {
      frame.exit();
    }
  }

  /** gamma, beta [units]; statistics [2, rows]. */
  public static void layer(
      Device device,
      long rows,
      long units,
      double epsilon,
      View x,
      View gamma,
      View beta,
      View y,
      View statistics) {
    long size = Math.multiplyExact(rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_layer_norm(
              frame.device(),
              frame.format(x),
              rows,
              units,
              epsilon,
              frame.array("x", x, size),
              frame.optional("gamma", gamma, units),
              frame.optional("beta", beta, units),
              frame.array("y", y, size),
              frame.wideArray("statistics", statistics, 2 * rows)));
    } finally {
      frame.exit();
    }
  }

  public static void layerBackward(
      Device device,
      long rows,
      long units,
      View x,
      View gamma,
      View statistics,
      View dy,
      View dx,
      View dgamma,
      View dbeta) {
    long size = Math.multiplyExact(rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_layer_norm_backward(
              frame.device(),
              frame.format(x),
              rows,
              units,
              frame.array("x", x, size),
              frame.optional("gamma", gamma, units),
              frame.wideArray("statistics", statistics, 2 * rows),
              frame.array("dy", dy, size),
              frame.optional("dx", dx, size),
              frame.optional("dgamma", dgamma, units),
              frame.optional("dbeta", dbeta, units)));
    } finally {
      frame.exit();
    }
  }

  /** w = g v / |v| of each row; norms FLOAT64 [rows]. */
  public static void weight(
      Device device, long rows, long units, View v, View g, View w, View norms) {
    long size = Math.multiplyExact(rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_weight_norm(
              frame.device(),
              frame.format(v),
              rows,
              units,
              frame.array("v", v, size),
              frame.array("g", g, rows),
              frame.array("w", w, size),
              frame.wideArray("norms", norms, rows)));
    } finally {
      frame.exit();
    }
  }

  public static void weightBackward(
      Device device, long rows, long units, View v, View g, View norms, View dw, View dv, View dg) {
    long size = Math.multiplyExact(rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_weight_norm_backward(
              frame.device(),
              frame.format(v),
              rows,
              units,
              frame.array("v", v, size),
              frame.array("g", g, rows),
              frame.wideArray("norms", norms, rows),
              frame.array("dw", dw, size),
              frame.optional("dv", dv, size),
              frame.optional("dg", dg, rows)));
    } finally {
      frame.exit();
    }
  }

  // --- Params ----------------------------------------------------------------------------------

  private static final class Params {
    static final ThreadLocal<Params> OF_THREAD = ThreadLocal.withInitial(Params::new);

    final BatchStruct batch = new BatchStruct();
    final RenormStruct renorm = new RenormStruct();
    final ReferenceStruct reference = new ReferenceStruct();
    final GroupStruct group = new GroupStruct();
    final AdaptiveStruct adaptive = new AdaptiveStruct();
  }

  /** Where a struct has its sizes and epsilon, which all of them have. */
  private record Common(int examples, int channels, int spatial, int epsilon) {
    static Common of(Class<? extends Pointer> type) {
      return new Common(
          Struct.at(type, "examples"),
          Struct.at(type, "channels"),
          Struct.at(type, "spatial"),
          Struct.at(type, "epsilon"));
    }

    void put(Struct<?> struct, Images images, double value) {
      struct.fields.putLong(examples, images.examples);
      struct.fields.putLong(channels, images.channels);
      struct.fields.putLong(spatial, images.spatial);
      struct.fields.putDouble(epsilon, value);
    }
  }

  private static final class BatchStruct extends Struct<gx_batch_norm_params> {
    private static final Common COMMON = Common.of(gx_batch_norm_params.class);
    private static final int MOMENTUM = at(gx_batch_norm_params.class, "momentum");
    private static final int ACTIVATION = at(gx_batch_norm_params.class, "activation");

    BatchStruct() {
      super(gx_batch_norm_params.class, gx_batch_norm_params::new);
    }

    gx_batch_norm_params fill(Batch p) {
      COMMON.put(this, p.images, p.epsilon);
      fields.putDouble(MOMENTUM, p.momentum);
      fields.putInt(ACTIVATION, p.relu ? 1 : 0);
      return pointer;
    }
  }

  private static final class RenormStruct extends Struct<gx_batch_renorm_params> {
    private static final Common COMMON = Common.of(gx_batch_renorm_params.class);
    private static final int MOMENTUM = at(gx_batch_renorm_params.class, "momentum");
    private static final int R_MAX = at(gx_batch_renorm_params.class, "r_max");
    private static final int D_MAX = at(gx_batch_renorm_params.class, "d_max");

    RenormStruct() {
      super(gx_batch_renorm_params.class, gx_batch_renorm_params::new);
    }

    gx_batch_renorm_params fill(Renorm p) {
      COMMON.put(this, p.images, p.epsilon);
      fields.putDouble(MOMENTUM, p.momentum);
      fields.putDouble(R_MAX, p.rMax);
      fields.putDouble(D_MAX, p.dMax);
      return pointer;
    }
  }

  private static final class ReferenceStruct extends Struct<gx_reference_batch_norm_params> {
    private static final Common COMMON = Common.of(gx_reference_batch_norm_params.class);
    private static final int REFERENCES = at(gx_reference_batch_norm_params.class, "references");

    ReferenceStruct() {
      super(gx_reference_batch_norm_params.class, gx_reference_batch_norm_params::new);
    }

    gx_reference_batch_norm_params fill(Reference p) {
      COMMON.put(this, p.images, p.epsilon);
      fields.putLong(REFERENCES, p.references);
      return pointer;
    }
  }

  private static final class GroupStruct extends Struct<gx_group_norm_params> {
    private static final Common COMMON = Common.of(gx_group_norm_params.class);
    private static final int GROUPS = at(gx_group_norm_params.class, "groups");
    private static final int ACTIVATION = at(gx_group_norm_params.class, "activation");

    GroupStruct() {
      super(gx_group_norm_params.class, gx_group_norm_params::new);
    }

    gx_group_norm_params fill(Group p) {
      COMMON.put(this, p.images, p.epsilon);
      fields.putLong(GROUPS, p.groups);
      fields.putInt(ACTIVATION, p.relu ? 1 : 0);
      return pointer;
    }
  }

  private static final class AdaptiveStruct extends Struct<gx_adaptive_instance_norm_params> {
    private static final Common COMMON = Common.of(gx_adaptive_instance_norm_params.class);
    private static final int STYLE_SPATIAL =
        at(gx_adaptive_instance_norm_params.class, "style_spatial");

    AdaptiveStruct() {
      super(gx_adaptive_instance_norm_params.class, gx_adaptive_instance_norm_params::new);
    }

    gx_adaptive_instance_norm_params fill(Adaptive p) {
      COMMON.put(this, p.content, p.epsilon);
      fields.putLong(STYLE_SPATIAL, p.styleSpatial);
      return pointer;
    }
  }
}
