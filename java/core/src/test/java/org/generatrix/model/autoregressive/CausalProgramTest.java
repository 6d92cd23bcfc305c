// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.nn.conv.Conv;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CausalProgramTest {
  private static final ImageShape GREY = new ImageShape(1, 6, 8, 4);
  private static final ImageShape COLOUR = new ImageShape(3, 4, 4, 3);

  private final Device device = Device.cpu(2);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private void each(ImageShape image, int classes, Consumer<AutoregressiveImages> check) {
    if (classes == 0) {
      try (PixelCnn model = TinyImages.plain(device, image, 2)) {
        check.accept(model);
      }
    }
    try (GatedPixelCnn model = TinyImages.gated(device, image, 3, classes)) {
      check.accept(model);
    }
    try (PixelCnnPlusPlus model = TinyImages.plusPlus(device, image, 2, 2, classes)) {
      check.accept(model);
    }
  }

  private static long[] labels(AutoregressiveImages model, int rows) {
    if (model.classes() == 0) {
      return null;
    }
    long[] labels = new long[rows];
    Arrays.setAll(labels, i -> i % model.classes());
    return labels;
  }

  /** Oracle 37: fed with an image, the program gives the network's own outputs. */
  @Test
  void aProgramsOutputsAreThoseOfTheNetwork() {
    for (ImageShape image : List.of(ImageShape.binary(6, 8), GREY, COLOUR)) {
      for (int classes : new int[] {0, 3}) {
        each(image, classes, model -> assertOutputs(model));
      }
    }
  }

  private void assertOutputs(AutoregressiveImages model) {
    ImageShape image = model.image();
    int rows = 5;
    long[] labels = labels(model, rows);
    int outputs = model.distribution().outputs();
    try (Tensor x = TinyImages.tensor(device, image, TinyImages.random(image, rows, 4));
        Tape tape = Tape.inference(device);
        CausalProgram program = model.program(labels)) {
      var input = model.input(tape, x);
      float[] expected = model.outputs(input, labels).value().toArray();
      double[] nats = model.logLikelihood(x, labels);
      long[] evaluations = new long[image.pixels()];
      try (Tensor own = Tensor.of(device, input.value().toArray(), rows, image.entries());
          Tensor logits = Tensor.zeros(device, rows, outputs, image.height(), image.width())) {
        double[] scores = program.score(own, logits, evaluations);
        boolean mixture = model instanceof PixelCnnPlusPlus; // in float32 too coarse out here
        for (int i = 0; i < rows && !mixture; i++) {
          assertEquals(nats[i], scores[i], 1e-4 + 1e-6 * Math.abs(nats[i]), model.kind());
        }
        float[] got = byRow(model, logits.toArray(), rows);
        for (int i = 0; i < got.length; i++) {
          double allowed = 1e-5 * Math.max(1, Math.abs(expected[i]));
          assertEquals(expected[i], got[i], allowed, model.kind() + " at " + i);
        }
        assertTrue(Arrays.stream(evaluations).sum() <= program.activations(), "each once");
      }
    }
  }

  /** [head][rows][..] to [rows][all outputs][..]. */
  private static float[] byRow(AutoregressiveImages model, float[] logits, int rows) {
    int passes = model.distribution().passes();
    int size = logits.length / rows / passes; // of a row of a head
    float[] all = new float[logits.length];
    for (int pass = 0; pass < passes; pass++) {
      for (int row = 0; row < rows; row++) {
        System.arraycopy(
            logits, (pass * rows + row) * size, all, (row * passes + pass) * size, size);
      }
    }
    return all;
  }

  /** Sums go in the same order, so that stacks of masked convolutions are equal bit for bit. */
  @Test
  void masksAreEqualBitForBit() {
    ImageShape image = ImageShape.binary(7, 9);
    try (PixelCnn model = PixelCnn.create(device, new PixelCnnConfig(image, 130, 2, 7, 3, 40), 3);
        Tensor x = TinyImages.tensor(device, image, TinyImages.random(image, 3, 4));
        Tape tape = Tape.inference(device);
        CausalProgram program = model.program(null)) {
      var input = model.input(tape, x);
      float[] expected = model.outputs(input, (long[]) null).value().toArray();
      try (Tensor own = Tensor.of(device, input.value().toArray(), 3, image.entries());
          Tensor logits = Tensor.zeros(device, 3, 1, 7, 9)) {
        program.score(own, logits, null);
        assertArrayEquals(expected, logits.toArray());
      }
    }
  }

  @Test
  void samplesAreThoseOfAPassForEachPixel() {
    for (ImageShape image : List.of(ImageShape.binary(6, 8), GREY, COLOUR)) {
      for (int classes : new int[] {0, 2}) {
        each(
            image,
            classes,
            model -> {
              int rows = 19;
              long[] labels = labels(model, rows);
              try (Tensor slow = model.sampleNaively(rows, labels, 7);
                  Tensor fast = labels == null ? model.sample(rows, 7) : model.sample(labels, 7)) {
                assertArrayEquals(slow.toArray(), fast.toArray(), model.kind() + " " + image);
              }
            });
      }
    }
  }

  @Test
  void completionsAreThoseOfAPassForEachPixel() {
    each(
        COLOUR,
        0,
        model -> {
          float[] v = TinyImages.random(COLOUR, 4, 9);
          float[] mask = new float[v.length];
          for (int i = 0; i < v.length; i++) {
            mask[i] = (i / 3 + i / 48) % 2;
          }
          if (model instanceof PixelCnnPlusPlus) { // whole pixels
            for (int i = 0; i < v.length; i++) {
              mask[i] = mask[i / 48 * 48 + i % 16];
            }
          }
          try (Tensor x = TinyImages.tensor(device, COLOUR, v);
              Tensor observed = TinyImages.tensor(device, COLOUR, mask);
              Tensor completed = model.inpaint(x, observed, 5)) {
            PartialImages images = new PartialImages(COLOUR, x, observed);
            NaiveSampling.fill(model, images, null, 5);
            try (Tensor expected = images.toTensor(device)) {
              assertArrayEquals(expected.toArray(), completed.toArray(), model.kind());
            }
          }
        });
  }

  @Test
  void thePixelsTakeEquallyMuch() {
    ImageShape image = ImageShape.binary(6, 8);
    try (PixelCnn model = TinyImages.plain(device, image, 3);
        CausalProgram program = model.program(null);
        Tensor x = Tensor.zeros(device, 2, image.entries())) {
      long[] evaluations = new long[image.pixels()];
      program.score(x, null, evaluations);
      for (long pixel : evaluations) {
        assertEquals(program.activations() / image.pixels(), pixel);
      }
    }
  }

  @Test
  void whatIsNotCausalIsRefused() {
    ImageShape image = ImageShape.binary(4, 4);
    Window w = Window.of(3, 3).same();
    try (Conv leaks = new Conv(device, 1, 1, w);
        Conv causal =
            new Conv(
                device,
                org.generatrix.tensor.DType.FLOAT32,
                1,
                1,
                w,
                TapMask.causal(w, false, 1),
                true);
        Conv wide = new Conv(device, 2, 1, w);
        CausalProgram good = new CausalProgram(device, image, AutoregressiveImages.states(image));
        CausalProgram bad = new CausalProgram(device, image, AutoregressiveImages.states(image))) {
      good.outputs(good.conv(causal, good.input(), Activation.TANH));
      good.fill(new PartialImages(image, 2), 1);
      bad.outputs(bad.conv(leaks, bad.input()));
      String message =
          assertThrows(
                  IllegalArgumentException.class, () -> bad.fill(new PartialImages(image, 2), 1))
              .getMessage();
      assertTrue(message.contains("must be causal: head 0 at pixel (0, 0)"), message);
      assertThrows(IllegalArgumentException.class, () -> good.conv(wide, good.input()));
      assertThrows(IllegalArgumentException.class, () -> good.input().slice(0, 2));
      Planes two = Planes.concat(good.input(), good.input());
      assertThrows(IllegalArgumentException.class, () -> good.outputs(two));
      assertThrows(IllegalArgumentException.class, () -> good.add(two, good.input()));
    }
  }
}
