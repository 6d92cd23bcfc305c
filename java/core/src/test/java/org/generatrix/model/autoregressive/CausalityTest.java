// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Device;
import org.generatrix.nn.conv.Conv;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What each output sees: oracles 30, 35 and 36. */
class CausalityTest {
  private static final ImageShape GREY = new ImageShape(1, 8, 8, 2);
  private static final ImageShape COLOUR = new ImageShape(3, 4, 4, 4);

  private final Device device = Device.cpu(2);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  /**
   * For each input entry, the outputs [P][pixels] that depend on it: those with a gradient, which
   * are not fewer than those that change when the entry does.
   */
  private boolean[][][] dependencies(AutoregressiveImages model) {
    TinyImages.positive(model);
    boolean[][][] sees = gradients(model);
    boolean[][][] changed = changed(model);
    for (int entry = 0; entry < sees.length; entry++) {
      for (int o = 0; o < sees[entry].length; o++) {
        for (int pixel = 0; pixel < sees[entry][o].length; pixel++) {
          assertTrue(sees[entry][o][pixel] || !changed[entry][o][pixel], "a change has a gradient");
        }
      }
    }
    return sees;
  }

  /** Where d output / d entry is not 0: a row of the batch for each output. */
  private boolean[][][] gradients(AutoregressiveImages model) {
    ImageShape image = model.image();
    int planes = model.distribution().outputs();
    int rows = planes * image.pixels();
    float[] one = TinyImages.random(image, 1, 7);
    float[] images = new float[rows * image.entries()];
    float[] chosen = new float[rows * rows];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(one, 0, images, row * image.entries(), image.entries());
      chosen[row * rows + row] = 1;
    }
    long[] labels = model.classes() == 0 ? null : new long[rows];
    boolean[][][] sees = new boolean[image.entries()][planes][image.pixels()];
    try (Tape tape = Tape.training(device, 1, 0);
        Tensor x = TinyImages.tensor(device, image, images);
        Tensor dy = Tensor.of(device, chosen, rows, planes, image.height(), image.width())) {
      Tensor input = model.input(tape, x).value();
      Var y = model.outputs(tape.variable(input), labels);
      float[] dx = tape.gradients(y, dy).of(input).toArray();
      for (int i = 0; i < dx.length; i++) {
        int row = i / image.entries();
        sees[i % image.entries()][row / image.pixels()][row % image.pixels()] = dx[i] != 0;
      }
    }
    return sees;
  }

  /** Oracle 35: which outputs change with an entry, in any of some images. */
  private boolean[][][] changed(AutoregressiveImages model) {
    ImageShape image = model.image();
    int entries = image.entries();
    int outputs = model.distribution().outputs();
    boolean[][][] changed = new boolean[entries][outputs][image.pixels()];
    for (int trial = 0; trial < 3; trial++) {
      float[] base = TinyImages.random(image, 1, trial);
      float[] rows = new float[(entries + 1) * entries]; // as it is, and with each entry moved
      for (int row = 0; row <= entries; row++) {
        System.arraycopy(base, 0, rows, row * entries, entries);
        if (row < entries) {
          int level = image.level(base[row]);
          rows[row * entries + row] = image.value((level + image.levels() / 2) % image.levels());
        }
      }
      long[] labels = model.classes() == 0 ? null : new long[entries + 1];
      try (Tape tape = Tape.inference(device);
          Tensor x = TinyImages.tensor(device, image, rows)) {
        float[] y = model.outputs(model.input(tape, x), labels).value().toArray();
        int size = outputs * image.pixels();
        for (int entry = 0; entry < entries; entry++) {
          for (int o = 0; o < size; o++) {
            changed[entry][o / image.pixels()][o % image.pixels()] |=
                y[entry * size + o] != y[entries * size + o];
          }
        }
      }
    }
    return changed;
  }

  /** Whether any output of a pixel sees an input pixel. */
  private static boolean seesAny(boolean[][][] sees, ImageShape image, int pixel, int input) {
    for (int c = 0; c < image.channels(); c++) {
      for (boolean[] plane : sees[c * image.pixels() + input]) {
        if (plane[pixel]) {
          return true;
        }
      }
    }
    return false;
  }

  /** Every output sees every pixel before it, and no other, however the order is met. */
  private static void assertSeesAllBefore(boolean[][][] sees, ImageShape image) {
    for (int pixel = 0; pixel < image.pixels(); pixel++) {
      for (int input = 0; input < image.pixels(); input++) {
        boolean any = seesAny(sees, image, pixel, input);
        if (input >= pixel && image.channels() == 1) {
          assertFalse(any, "pixel " + pixel + " sees " + input);
        } else if (input < pixel) {
          assertTrue(any, "pixel " + pixel + " does not see " + input);
        }
      }
    }
  }

  /** Outputs of channel c of a pixel see of that pixel's channels those before c. */
  private static void assertColoursInOrder(boolean[][][] sees, ImageShape image) {
    int perColour = sees[0].length / image.channels();
    for (int in = 0; in < image.channels(); in++) {
      for (int pixel = 0; pixel < image.pixels(); pixel++) {
        boolean[][] planes = sees[in * image.pixels() + pixel];
        for (int o = 0; o < planes.length; o++) {
          for (int at = 0; at < pixel; at++) {
            assertFalse(planes[o][at], "a pixel sees one behind it");
          }
        }
        for (int out = 0; out < image.channels(); out++) {
          boolean any = false;
          for (int o = out * perColour; o < (out + 1) * perColour; o++) {
            any |= planes[o][pixel];
          }
          assertEquals(in < out, any, "channel " + out + " sees " + in + " of pixel " + pixel);
        }
      }
    }
  }

  /** Oracle 35: what the geometry of kernels of 3 leaves out to the right, and nothing else. */
  @Test
  void theStackOfMaskedConvolutionsHasABlindSpot() {
    try (PixelCnn model = TinyImages.plain(device, GREY, 8)) {
      boolean[][][] sees = dependencies(model);
      int size = GREY.width();
      int blind = 0;
      for (int pixel = 0; pixel < GREY.pixels(); pixel++) {
        for (int input = 0; input < GREY.pixels(); input++) {
          int up = pixel / size - input / size;
          int right = input % size - pixel % size;
          // A step goes at most one to the right with each row up, and left as far as it likes.
          boolean within = up > 0 ? right <= up : up == 0 && right < 0;
          assertEquals(within, seesAny(sees, GREY, pixel, input), pixel + " " + input);
          blind += up > 0 && right > up ? 1 : 0;
        }
      }
      assertTrue(blind > 100);
    }
  }

  @Test
  void twoStacksHaveNone() {
    try (GatedPixelCnn model = TinyImages.gated(device, GREY, 8, 2)) {
      assertSeesAllBefore(dependencies(model), GREY);
    }
  }

  @Test
  void downAndUpSamplingLeakNothing() {
    try (PixelCnnPlusPlus model =
        TinyImages.plusPlus(device, new ImageShape(1, 8, 8, 4), 3, 2, 2)) {
      assertSeesAllBefore(dependencies(model), model.image());
    }
  }

  @Test
  void aShallowOneSeesItsNeighbourhoodOnly() {
    try (GatedPixelCnn model = TinyImages.gated(device, GREY, 1, 0)) {
      boolean[][][] sees = dependencies(model);
      int pixel = 4 * 8 + 4;
      for (int input = 0; input < GREY.pixels(); input++) {
        int up = 4 - input / 8;
        int right = input % 8 - 4;
        boolean above = up == 1 && Math.abs(right) <= 1;
        assertEquals(
            above || up == 0 && right == -1, seesAny(sees, GREY, pixel, input), "" + input);
      }
    }
  }

  /** Oracle 36: red sees no green of its pixel, green no blue; each sees all before. */
  @Test
  void coloursComeInOrder() {
    try (PixelCnn plain = TinyImages.plain(device, COLOUR, 2);
        GatedPixelCnn gated = TinyImages.gated(device, COLOUR, 3, 0)) {
      assertColoursInOrder(dependencies(plain), COLOUR);
      boolean[][][] sees = dependencies(gated);
      assertColoursInOrder(sees, COLOUR);
      assertSeesAllBefore(sees, COLOUR);
    }
  }

  /** The mixture knows the order of colours itself, so its parameters see whole pixels. */
  @Test
  void theMixturesParametersSeeWholePixelsBefore() {
    try (PixelCnnPlusPlus model = TinyImages.plusPlus(device, COLOUR, 2, 2, 0)) {
      boolean[][][] sees = dependencies(model);
      assertSeesAllBefore(sees, COLOUR);
      for (int input = 0; input < COLOUR.pixels(); input++) {
        for (int pixel = 0; pixel <= input; pixel++) {
          assertFalse(seesAny(sees, COLOUR, pixel, input), pixel + " sees " + input);
        }
      }
    }
  }

  /** Oracle 36, a layer by itself: A leaves its centre out, B has it. */
  @Test
  void masksAAndBDifferByTheCentre() {
    Window w = Window.of(3, 3).same();
    for (boolean centre : new boolean[] {false, true}) {
      try (Conv conv = CausalLayers.conv(device, 1, 1, 3, centre, 1);
          Tape tape = Tape.inference(device);
          Tensor x = Tensor.zeros(device, 1, 1, 3, 3)) {
        conv.initialise(1);
        float[] impulse = new float[9];
        impulse[4] = 1;
        x.copyFrom(impulse);
        float[] y = conv.apply(tape.constant(x)).value().toArray();
        boolean[] reached = new boolean[9];
        for (int i = 0; i < 9; i++) {
          reached[i] = y[i] != 0;
        }
        boolean[] expected = {false, false, false, false, centre, true, true, true, true};
        assertTrue(Arrays.equals(expected, reached), Arrays.toString(y));
        assertEquals(centre ? 5 : 4, TapMask.causal(w, centre, 1).taps().size());
      }
    }
  }
}
