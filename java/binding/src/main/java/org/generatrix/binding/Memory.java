// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

/**
 * The memory account of a device, in bytes.
 *
 * @param live bytes of open buffers
 * @param peak the most that {@code live} has been
 * @param workspace bytes kept for kernels
 * @param cached bytes of closed buffers, kept for the next ones; given back before a request is
 *     refused
 * @param limit the cap on live + workspace + cached, 0 = none
 */
public record Memory(long live, long peak, long workspace, long cached, long limit) {}
