// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.generatrix.binding.Device;
import org.generatrix.cli.model.LoadedModel;
import org.generatrix.data.Binarisation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code score}: the mean log-likelihood of test pictures under a model, and what kind of figure it
 * is.
 */
@Command(
    name = "score",
    description = {
      "Measures a model on test pictures: the mean log-likelihood, and what kind of figure it is.",
      "Of a Boltzmann machine it is exact where one layer has at most 25 units; otherwise",
      "log Z comes from annealed importance sampling, forward and reverse. Of a variational",
      "autoencoder it is a lower bound, and a tighter one by importance weighting. Of a",
      "PixelCNN it is exact, and so is the density of a flow; one of points is measured on those of",
      "its run, or on others. An autoencoder has none; its reconstruction error stands beside",
      "principal components."
    },
    sortOptions = false,
    abbreviateSynopsis = true)
final class ScoreCommand implements Callable<Integer> {
  private static final List<String> OF_SOME_MODELS =
      List.of("--binarisation", "--ais-temperatures", "--ais-chains", "--samples");

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "Model file, or the folder of a run.")
  private Path model;

  @Mixin private DataOption data;

  @Mixin private PointsOption points;

  @Option(
      names = "--binarisation",
      paramLabel = "NAME",
      description =
          "threshold, or resampled: one draw of each pixel (default: threshold for models trained so, else resampled).")
  private Binarisation binarisation;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of all draws (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--ais-temperatures",
      paramLabel = "N",
      defaultValue = "14500",
      description = "Temperatures of the annealing (default: ${DEFAULT-VALUE}).")
  private int temperatures;

  @Option(
      names = "--ais-chains",
      paramLabel = "N",
      defaultValue = "100",
      description = "Chains of the annealing (default: ${DEFAULT-VALUE}).")
  private int chains;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "5000",
      description =
          "Importance samples for each picture, for models with a recognition network (default: ${DEFAULT-VALUE}).")
  private int samples;

  @Mixin private ComputeOptions common;

  @Override
  public Integer call() throws IOException {
    common.atLeast("--ais-temperatures", temperatures, 3);
    common.atLeast("--ais-chains", chains, 2);
    common.atLeast("--samples", samples, 1);
    if (binarisation == Binarisation.INTENSITIES) {
      throw common.usage(
          "--binarisation must be threshold or resampled: a likelihood of binary units needs binary pictures.");
    }
    points.check(common);
    StoredModel stored = StoredModel.at(model);
    PrintWriter out = spec.commandLine().getOut();
    try (Device device = common.open();
        LoadedModel loaded = stored.load(device)) {
      stored.refuseOthersOptions(loaded, common, OF_SOME_MODELS);
      stored.refuseOthersOptions(loaded, common, PointsOption.NAMES);
      if (loaded.ofPoints()) {
        onPoints(stored, loaded, out);
        return ExitCode.OK;
      }
      DataSet set = DataSet.load(data.folder());
      if (set.tile().units() != loaded.visible()) {
        throw new CliException(
            "The pictures of "
                + set.name()
                + " have "
                + set.tile()
                + " pixels, but the model has "
                + loaded.visible()
                + " visible units.");
      }
      Binarisation measured =
          binarisation != null ? binarisation : loaded.measured(stored.training());
      out.println("model   " + stored.file() + ": " + loaded.size());
      out.println("data    " + set.name() + ", test pictures " + DataSet.describe(measured));
      out.flush();
      loaded.score(
          set,
          measured,
          new LoadedModel.ScoreSettings(temperatures, chains, samples, seed),
          line -> {
            out.println(line);
            out.flush();
          });
    }
    return ExitCode.OK;
  }

  private void onPoints(StoredModel stored, LoadedModel loaded, PrintWriter out)
      throws IOException {
    if (common.given("--data")) {
      throw common.usage("--data names pictures; " + stored.file() + " holds a model of points.");
    }
    PointSet set =
        points.given()
            ? points.source(0, 0, seed).measured(stored.columns(loaded))
            : stored.points();
    if (set.dimensions() != loaded.visible()) {
      throw new CliException(
          set.name()
              + " has "
              + set.dimensions()
              + " columns, but the model has "
              + loaded.visible()
              + ".");
    }
    out.println("model   " + stored.file() + ": " + loaded.size());
    out.println(
        "data    " + set.name() + ", " + Text.count(set.testCount()) + " test " + set.noun());
    loaded.score(set, out::println);
    out.flush();
  }
}
