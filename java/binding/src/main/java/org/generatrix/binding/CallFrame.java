// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.generatrix.binding.abi.gx_device;
import org.generatrix.binding.abi.gx_rbm;
import org.generatrix.binding.abi.gx_rng;
import org.generatrix.binding.abi.gx_shape;
import org.generatrix.binding.abi.gx_states;

/**
 * What one native call needs, kept per thread so that a call allocates nothing: the structs it
 * fills, and the handles it holds while it runs, which keep memory alive against a close or the
 * garbage collector.
 *
 * <pre>{@code
 * CallFrame frame = CallFrame.enter(device);
 * try {
 *   frame.check(Abi.gx_something(frame.device(), frame.rbm(rbm), frame.floats("x", x, rows * units)));
 * } finally {
 *   frame.exit();
 * }
 * }</pre>
 */
final class CallFrame {
  private static final ThreadLocal<CallFrame> OF_THREAD = ThreadLocal.withInitial(CallFrame::new);
  private static final int STATES = 4;
  private static final int ARRAYS = 24;
  private static final int WIDE = 2;
  private static final int SHAPES = 4;
  private static final int HANDLES = 32; // at first
  private static final int SCRATCH = 1 << 12;
  private static final int SCRATCH_KEPT = 1 << 18;

  final Structs.LayerSampleStruct layerSample = new Structs.LayerSampleStruct();
  final Structs.ChainStruct chain = new Structs.ChainStruct();
  final Structs.GradientStruct gradient = new Structs.GradientStruct();
  final Structs.UpdateStruct update = new Structs.UpdateStruct();
  final Structs.AisStruct ais = new Structs.AisStruct();
  final Structs.TemperingStruct tempering = new Structs.TemperingStruct();
  private final Structs.RbmStruct rbm = new Structs.RbmStruct();
  private final Structs.RngStruct rng = new Structs.RngStruct();
  private final Structs.StatesStruct[] states = new Structs.StatesStruct[STATES];
  private final NativeAddress[] arrays = new NativeAddress[ARRAYS];
  private final NativeAddress.OfDoubles[] wide = new NativeAddress.OfDoubles[WIDE];
  private final Shapes.Native[] shapes = new Shapes.Native[SHAPES];
  private NativeHandle[] held = new NativeHandle[HANDLES];
  private int holding;
  private int statesFilled;
  private int arraysFilled;
  private int wideFilled;
  private int shapesFilled;
  private Format format;
  private Device device;
  private ByteBuffer scratch;
  private DoublePointer scratchDoubles;
  private long scratchAddress;

  private CallFrame() {
    for (int i = 0; i < STATES; i++) {
      states[i] = new Structs.StatesStruct();
    }
    for (int i = 0; i < ARRAYS; i++) {
      arrays[i] = new NativeAddress();
    }
    for (int i = 0; i < WIDE; i++) {
      wide[i] = new NativeAddress.OfDoubles();
    }
    for (int i = 0; i < SHAPES; i++) {
      shapes[i] = new Shapes.Native();
    }
    resizeScratch(SCRATCH);
  }

  /** Begins a call on the device; {@link #exit} ends it. */
  static CallFrame enter(Device device) {
    CallFrame frame = OF_THREAD.get();
    assert frame.holding == 0 : "a call within a call";
    if (!device.handle().tryAcquire()) {
      throw Device.closedException();
    }
    frame.device = device;
    frame.held[0] = device.handle();
    frame.holding = 1;
    frame.statesFilled = 0;
    frame.arraysFilled = 0;
    frame.wideFilled = 0;
    frame.shapesFilled = 0;
    frame.format = null;
    return frame;
  }

  void exit() {
    while (holding > 0) {
      held[--holding].release();
      held[holding] = null;
    }
    device = null;
    if (scratch.capacity() > SCRATCH_KEPT) {
      resizeScratch(SCRATCH);
    }
  }

  gx_device device() {
    return device.handle().pointer;
  }

  void check(int status) {
    Status.check(status, device(), OutOfDeviceMemoryException.WORKSPACE);
  }

  /** The address of an open buffer of this device with at least {@code bytes} bytes. */
  long use(String name, DeviceBuffer buffer, long bytes) {
    return handle(name, buffer, bytes).address;
  }

  /** As {@link #use}, or 0 for null. */
  long useOrNull(String name, DeviceBuffer buffer, long bytes) {
    return buffer == null ? 0 : use(name, buffer, bytes);
  }

  /** As {@link #use}, as JavaCPP takes it. */
  NativeAddress floats(String name, DeviceBuffer buffer, long count) {
    return handle(name, buffer, Sizes.floats(count, 1)).pointer;
  }

  private DeviceBuffer.Handle handle(String name, DeviceBuffer buffer, long bytes) {
    if (buffer == null) {
      throw new NullPointerException("expected a buffer for " + name + ", got null");
    }
    if (buffer.device() != device) {
      throw new IllegalArgumentException(
          "expected " + name + " on the device of the call, got a buffer of another device");
    }
    if (buffer.bytes() < bytes) {
      throw new IllegalArgumentException(
          "expected " + name + " of at least " + bytes + " bytes, got " + buffer.bytes());
    }
    DeviceBuffer.Handle handle = buffer.handle();
    if (!handle.tryAcquire()) {
      throw buffer.closedException();
    }
    if (holding == held.length) {
      held = Arrays.copyOf(held, 2 * holding);
    }
    held[holding++] = handle;
    return handle;
  }

  /** The number format of this call, which all its arrays must have, as the C ABI takes it. */
  int format(View first) {
    format = first.format();
    return format.ordinal();
  }

  /** The address of the first of at least {@code count} elements, up to 24 a call. */
  NativeAddress array(String name, View view, long count) {
    NativeAddress address = arrays[arraysFilled++];
    address.set(arrayAddress(name, view, count));
    return address;
  }

  /** As {@link #array}, or NULL for null. */
  NativeAddress optional(String name, View view, long count) {
    return view == null ? NativeAddress.NULL : array(name, view, count);
  }

  /** As {@link #array}, for a field of a struct. */
  long arrayAddress(String name, View view, long count) {
    if (view == null) {
      throw new NullPointerException("expected an array for " + name + ", got null");
    }
    if (view.format() != format) {
      throw new IllegalArgumentException(
          "expected " + name + " as " + format + " like the others, got " + view.format());
    }
    if (view.count() < count) {
      throw new IllegalArgumentException(
          "expected " + name + " of at least " + count + " elements, got " + view.count());
    }
    return use(name, view.buffer(), 0) + view.offset() * format.elementBytes();
  }

  /** As {@link #array}, of an operand that is FLOAT64 whatever the others are. */
  NativeAddress wideArray(String name, View view, long count) {
    NativeAddress address = arrays[arraysFilled++];
    address.set(wideAddress(name, view, count));
    return address;
  }

  /** As {@link #wideArray}, where the C ABI says double; up to two a call. */
  DoublePointer wide(String name, View view, long count) {
    NativeAddress.OfDoubles address = wide[wideFilled++];
    address.set(wideAddress(name, view, count));
    return address;
  }

  /** As {@link #wide}, or NULL for null. */
  DoublePointer optionalWide(String name, View view, long count) {
    return view == null ? null : wide(name, view, count);
  }

  private long wideAddress(String name, View view, long count) {
    Format others = format;
    format = Format.FLOAT64;
    try {
      return arrayAddress(name, view, count);
    } finally {
      format = others;
    }
  }

  /** As {@link #arrayAddress}, or 0 for null. */
  long optionalAddress(String name, View view, long count) {
    return view == null ? 0 : arrayAddress(name, view, count);
  }

  /** Up to four shapes a call. */
  gx_shape shape(long... shape) {
    return shapes[shapesFilled++].fill(shape);
  }

  gx_rng rng(Rng value) {
    return rng.fill(value);
  }

  gx_rbm rbm(RbmParameters p) {
    long visible = p.visible();
    long hidden = p.hidden();
    return rbm.fill(
        visible,
        hidden,
        use("W", p.W(), 0),
        use("b", p.b(), 0),
        use("c", p.c(), 0),
        useOrNull("mu", p.mu(), 0),
        useOrNull("lambda", p.lambda(), 0));
  }

  /** Up to four views a call; sizes were checked when {@code value} was made. */
  gx_states states(String name, States value) {
    return fill(name, value).pointer;
  }

  long statesAddress(String name, States value) {
    return fill(name, value).address;
  }

  long statesAddressOrNull(String name, States value) {
    return value == null ? 0 : statesAddress(name, value);
  }

  private Structs.StatesStruct fill(String name, States value) {
    if (value == null) {
      throw new NullPointerException("expected states for " + name + ", got null");
    }
    Structs.StatesStruct struct = states[statesFilled++];
    long address = use(name, value.data(), 0) + value.offset();
    struct.fill(address, value.rows(), value.units(), value.format());
    return struct;
  }

  /**
   * Host memory of at least {@code bytes} bytes for this call, contents undefined, native byte
   * order, from position 0.
   */
  ByteBuffer scratch(long bytes) {
    if (bytes > scratch.capacity()) {
      if (bytes > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "expected a host array below 2 GiB, got " + bytes + " bytes");
      }
      resizeScratch((int) bytes);
    }
    return scratch.clear();
  }

  /** Where {@link #scratch} is. */
  long scratchAddress() {
    return scratchAddress;
  }

  /** Scratch for {@code count} doubles, as JavaCPP takes it. */
  DoublePointer doubles(long count) {
    scratch(Sizes.bytes(Double.BYTES, 1, count));
    return scratchDoubles;
  }

  /** Copies the first {@code count} doubles of the scratch. */
  void readDoubles(double[] to, long count) {
    scratch.clear().asDoubleBuffer().get(to, 0, (int) count);
  }

  private void resizeScratch(int bytes) {
    scratch = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    scratchDoubles = new DoublePointer(new BytePointer(scratch));
    scratchAddress = scratchDoubles.address();
  }
}
