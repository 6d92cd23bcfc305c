// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_format_tag_any;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_strides;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_tag;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_equal;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_exec_arg_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_reorder_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_default_flags;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_wait;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.javacpp.FloatPointer;

/** oneDNN's engine with what was made on it, freed together. Its threads are OpenMP's. */
final class OneDnn implements AutoCloseable {
  private final Deque<Runnable> made = new ArrayDeque<>();
  private final dnnl_stream stream = new dnnl_stream();
  final dnnl_engine engine = new dnnl_engine();

  /** An array in some layout. */
  record Memory(dnnl_memory_desc layout, FloatPointer data, dnnl_memory handle) {}

  /** A primitive with its operands. */
  final class Step {
    private final dnnl_primitive primitive = new dnnl_primitive();
    private final dnnl_exec_arg_t arguments;
    private final int count;

    private Step(dnnl_primitive_desc description, Map<Integer, Memory> operands) {
      check(dnnl_primitive_create(primitive, description));
      made.push(() -> dnnl_primitive_destroy(primitive));
      count = operands.size();
      arguments = new dnnl_exec_arg_t(count);
      made.push(arguments::close);
      int at = 0;
      for (Map.Entry<Integer, Memory> operand : operands.entrySet()) {
        arguments.position(at++).arg(operand.getKey()).memory(operand.getValue().handle);
      }
      arguments.position(0);
    }

    void run() {
      check(dnnl_primitive_execute(primitive, stream, count, arguments));
      check(dnnl_stream_wait(stream));
    }
  }

  OneDnn() {
    check(dnnl_engine_create(engine, dnnl_cpu, 0));
    check(dnnl_stream_create(stream, engine, dnnl_stream_default_flags));
  }

  static void check(int status) {
    if (status != dnnl_success) {
      throw new IllegalStateException("expected oneDNN to succeed, got status " + status);
    }
  }

  /** Whatever layout the primitive likes. */
  dnnl_memory_desc any(long... dims) {
    dnnl_memory_desc layout = new dnnl_memory_desc();
    check(
        dnnl_memory_desc_create_with_tag(layout, dims.length, dims, dnnl_f32, dnnl_format_tag_any));
    made.push(() -> dnnl_memory_desc_destroy(layout));
    return layout;
  }

  dnnl_memory_desc strided(long[] dims, long... strides) {
    dnnl_memory_desc layout = new dnnl_memory_desc();
    check(dnnl_memory_desc_create_with_strides(layout, dims.length, dims, dnnl_f32, strides));
    made.push(() -> dnnl_memory_desc_destroy(layout));
    return layout;
  }

  dnnl_memory_desc rowMajor(long... dims) {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= dims[axis];
    }
    return strided(dims, strides);
  }

  /** The layout a primitive chose for an argument. */
  static dnnl_memory_desc layout(dnnl_primitive_desc description, int argument) {
    return dnnl_primitive_desc_query_md(description, dnnl_query_exec_arg_md, argument);
  }

  Memory memory(dnnl_memory_desc layout) {
    FloatPointer data = new FloatPointer(dnnl_memory_desc_get_size(layout) / Float.BYTES);
    made.push(data::close);
    dnnl_memory handle = new dnnl_memory();
    check(dnnl_memory_create(handle, layout, engine, data));
    made.push(() -> dnnl_memory_destroy(handle));
    return new Memory(layout, data, handle);
  }

  Memory memory(dnnl_memory_desc layout, float... values) {
    Memory memory = memory(layout);
    memory.data.put(values);
    return memory;
  }

  /** The same memory if it has that layout already. */
  Memory like(Memory memory, dnnl_memory_desc layout) {
    return dnnl_memory_desc_equal(memory.layout, layout) != 0 ? memory : memory(layout);
  }

  /** Copies from one layout to another; does nothing if both are the same. */
  Runnable reorder(Memory from, Memory to) {
    if (from == to) {
      return () -> {};
    }
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    check(
        dnnl_reorder_primitive_desc_create(
            description, from.layout, engine, to.layout, engine, new dnnl_primitive_attr()));
    Map<Integer, Memory> operands = new LinkedHashMap<>();
    operands.put(DNNL_ARG_FROM, from);
    operands.put(DNNL_ARG_TO, to);
    return step(description, operands)::run;
  }

  Step step(dnnl_primitive_desc description, Map<Integer, Memory> operands) {
    made.push(() -> dnnl_primitive_desc_destroy(description));
    return new Step(description, operands);
  }

  @Override
  public void close() {
    while (!made.isEmpty()) {
      made.pop().run();
    }
    dnnl_stream_destroy(stream);
    dnnl_engine_destroy(engine);
  }
}
