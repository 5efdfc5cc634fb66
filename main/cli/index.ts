/** The `wyvern` command line: the engine in plain Node, without a window. */
import { templateFamilies } from '../../preload/contract/values.ts';
import { bench } from './bench.ts';
import { chat } from './chat.ts';
import { diagnose } from './diagnose.ts';
import { generate } from './generate.ts';
import { inspect } from './inspect.ts';
import { invalid } from './options.ts';
import { prepare } from './prepare.ts';
import { serve } from './serve.ts';
import { endQuietlyOnClosedPipe, writeFailure, writeText } from './output.ts';

const help = `Usage: wyvern COMMAND [options]      (in a checkout: npm run -s wyvern -- COMMAND …)

  inspect [PATH] [--tokenizer PATH] [--json] [--verify]
      The parts of a model. --verify compares its files with the hashes in wyvern.json.
  generate [--model PATH] [--tokenizer PATH] (--prompt TEXT | --messages FILE.json | --tokens 1,2,3)
      [--raw] [--system TEXT] [--template FAMILY|FILE|none]
      [--temperature T] [--top-p P] [--top-k K] [--min-p P] [--repetition-penalty R] [--seed N]
      [--max-tokens N] [--stop TEXT]… [--thinking on|off] [--max-thought-tokens N]
      [--threads N] [--profile off|basic|detailed] [--performance MODE] [--json]
      One answer, for scripts: without sampling options the model takes the most likely token each time, so the same
      prompt gets the same answer. --raw sends the text without a chat template, --tokens sends exactly these ids.
  chat [--model PATH] [--tokenizer PATH] [--system TEXT] [--template …] [sampling options as above]
      A conversation with the sampling that the model recommends, as in the window. Each line piped to standard input
      is a prompt. --temperature 0 --repetition-penalty 1 gives the same answers each time.
  bench [--model PATH] [--tokenizer PATH] [--prompt-tokens N] [--tokens N] [--runs N] [--threads N]
      [--profile …] [--performance …] [--json]
      Prefill and decode rates on this machine.
  prepare FILE.gguf --out FOLDER [--context N] [--name TEXT] [--license TEXT] [--source TEXT]
      Makes a model folder from a GGUF: a program for its shape, and its weights in the processor's order.
  serve [--model PATH] [--tokenizer PATH] [--port N] [--token-file FILE] [--allow-origin ORIGIN]… [--template …]
      [--threads N] [--json]
      A local server with OpenAI’s interface, on 127.0.0.1 alone; docs/local-server.md describes it. It prints its address
      and a new token, or uses the token in FILE and makes that file if it does not exist. Ctrl+C ends it.
  diagnose [--model PATH] [--tokenizer PATH] [--json]
      A report on this machine, versions and errors, without names or chats. Send it to somebody who helps.

--tokenizer is a tokenizer.json, a tokenizer.model or a folder that has one. An export by optimum-cli has none: name the
folder of the model that it was made from. Its template and its other files count too.
--template is a family (${templateFamilies.join(', ')}), a file with Jinja text, or none for plain completion.
Without it, the model’s own template is used, or the one that its control tokens belong to.
--allow-operators accepts programs with operators that language models do not need. It is for developers: a hostile file
could reach each of these operators.
--profile and --performance are for the NPU; MODE is burst, sustained-high, high, balanced, low-balanced,
high-power-saver, power-saver or low-power-saver.
PATH is a model folder or a .pte; without one, the default model. Answers go to standard output, everything else to
standard error. With --json, one object a line. WYVERN_LOG=debug|info|warning|error sets how much is logged.
`;

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  inspect,
  generate,
  chat,
  bench,
  diagnose,
  prepare,
  serve,
};

async function main([name, ...args]: readonly string[]): Promise<void> {
  const json = args.includes('--json');
  endQuietlyOnClosedPipe();
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help' || args.includes('--help')) {
      writeText(help);
      return;
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) throw invalid(`There is no command “${name}”.`);
    await command(args);
  } catch (error) {
    writeFailure(error, json);
    process.exitCode = 1;
  }
}

await main(process.argv.slice(2));
