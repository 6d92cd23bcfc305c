// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.PrintWriter;
import java.lang.reflect.Constructor;
import java.util.List;
import org.generatrix.binding.NativeInfo;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: its root command, and how every command reports a failure. */
@Command(
    name = "generatrix",
    description = "Trains, samples and measures deep generative models.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed while running",
      "2:wrong command line; nothing was started",
      "130:stopped by Ctrl-C, with everything saved"
    },
    subcommands = {
      TrainCommand.class,
      SampleCommand.class,
      ScoreCommand.class,
      InspectCommand.class,
      PicturesCommand.class,
      DoctorCommand.class,
      DemoCommand.class,
      HelpCommand.class
    })
public final class Main implements Runnable {
  /** How users call this program, for hints that can be pasted; a start script sets it. */
  private static final String NAME = System.getProperty("generatrix.command", "generatrix");

  @Spec private CommandSpec spec;

  public static void main(String[] args) {
    // Charts are drawn in memory; no display is opened even where there is one.
    System.setProperty("java.awt.headless", "true");
    Interrupt interrupt = Interrupt.onSignal();
    int code = ExitCode.FAILURE;
    try {
      code = commandLine(interrupt).execute(args);
    } finally {
      interrupt.finished();
    }
    System.exit(code);
  }

  /** A parser with all commands, printing to the standard streams. */
  static CommandLine commandLine(Interrupt interrupt) {
    CommandLine line = new CommandLine(new Main(), new Factory(interrupt));
    line.setCommandName(NAME);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    line.setParameterExceptionHandler(Main::wrongUsage);
    line.setExecutionExceptionHandler(Main::failed);
    line.setExecutionStrategy(parsed -> run(line, parsed));
    return line;
  }

  static String name() {
    return NAME;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "A command is needed, such as demo or doctor.");
  }

  /**
   * Runs the last command; a full heap or a missing native library is reported like any other
   * failure.
   */
  private static int run(CommandLine line, CommandLine.ParseResult parsed) {
    try {
      return new CommandLine.RunLast().execute(parsed);
    } catch (OutOfMemoryError | LinkageError e) {
      throw new CommandLine.ExecutionException(line, String.valueOf(e.getMessage()), e);
    }
  }

  private static int wrongUsage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    String sentence =
        oneLine(
            e instanceof UnmatchedArgumentException unknown
                ? unknown(unknown)
                : plain(e.getMessage()));
    err.println(
        "error: " + (sentence.endsWith(".") || sentence.endsWith("?") ? sentence : sentence + "."));
    err.println("See '" + command.getCommandSpec().qualifiedName() + " --help'.");
    err.flush();
    return ExitCode.USAGE;
  }

  /** picocli names Java's types where it should name numbers. */
  private static String plain(String message) {
    return message
        .replaceAll("is not an? (int|long)$", "is not a whole number")
        .replaceAll("is not a double$", "is not a number");
  }

  /** What is not known, and what may have been meant. */
  private static String unknown(UnmatchedArgumentException e) {
    String argument = e.getUnmatched().get(0);
    boolean option = argument.startsWith("-");
    String what =
        option ? "option" : e.getCommandLine().getSubcommands().isEmpty() ? "argument" : "command";
    List<String> similar = e.getSuggestions();
    return "Unknown "
        + what
        + " "
        + argument
        + (similar.isEmpty() ? "." : "; did you mean " + String.join(" or ", similar) + "?");
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    PrintWriter err = command.getErr();
    Throwable failure = e instanceof CommandLine.ExecutionException ? e.getCause() : e;
    err.println("error: " + oneLine(Failures.sentence(failure)));
    if (HelpOptions.debug(parsed)) {
      failure.printStackTrace(err);
    }
    err.flush();
    return ExitCode.FAILURE;
  }

  private static String oneLine(String message) {
    return String.valueOf(message).replaceAll("\\s*\\R\\s*", " ");
  }

  /** Gives commands that stop on Ctrl-C the one interrupt of the process. */
  private record Factory(Interrupt interrupt) implements CommandLine.IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      for (Constructor<?> constructor : type.getDeclaredConstructors()) {
        if (List.of(constructor.getParameterTypes()).equals(List.of(Interrupt.class))) {
          return type.cast(constructor.newInstance(interrupt));
        }
      }
      return CommandLine.defaultFactory().create(type);
    }
  }

  /** {@code --version}: this program, the native library, the JVM. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "Generatrix " + NativeInfo.version(), "Java " + System.getProperty("java.version")
      };
    }
  }
}
