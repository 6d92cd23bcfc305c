// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoencoder;

/**
 * The shape of a {@link ConvAutoencoder}.
 *
 * @param code units of the code, at least 1; the lecture has 2 to 32
 * @param channels of the layers between picture and code, at least 1; the lecture has 32
 */
public record ConvAutoencoderConfig(long code, long channels) {
  public ConvAutoencoderConfig {
    if (code < 1 || channels < 1) {
      throw new IllegalArgumentException(
          "code and channels must be at least 1, got %d and %d".formatted(code, channels));
    }
  }

  /** With the lecture's channels. */
  public static ConvAutoencoderConfig of(long code) {
    return new ConvAutoencoderConfig(code, 32);
  }
}
