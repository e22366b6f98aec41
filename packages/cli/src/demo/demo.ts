import { createInterface } from 'node:readline';
import { isAttestationError } from '@interchain-attestation/core';
import { type Devnet, trackPackets } from '@interchain-attestation/devnet';
import { goProgram } from '@interchain-attestation/go-tools';
import type { CommandContext } from '../context.ts';
import { CliError } from '../output/errors.ts';
import { EXIT, type ExitCode } from '../output/exit-codes.ts';
import { CHAPTERS } from './chapters.ts';
import { COSMOS_CHAPTERS } from './cosmos-chapters.ts';
import { createNarrator } from './create-narrator.ts';
import { type Journey, type Stage, sendAndFollow } from './journey.ts';
import type { Narrator } from './narrator.ts';
import { startNetwork } from './start-network.ts';
import { summarize } from './summary.ts';

export interface DemoOptions {
  /** Ends after the tour. */
  readonly once?: boolean;
  /** Whether an ibc-go chain takes part; when it is not said, it does where Go is there to build it. */
  readonly cosmos?: boolean;
}

/** Whether a Cosmos chain takes part, and when not, why. */
const withCosmos = async (
  wanted: boolean | undefined,
): Promise<{ readonly cosmos: boolean; readonly reason?: string }> => {
  if (wanted === false) return { cosmos: false };
  const program = await goProgram('ibc-go-chain');
  if ('path' in program) return { cosmos: true };
  if (wanted === true) throw new CliError('cli/not-found', `--cosmos: ${program.missing}`);
  return { cosmos: false, reason: program.missing };
};

const tellNext = (tell: Narrator, net: Devnet): void => {
  const attest = `npm run -s attest -- -c ${net.configFile}`;
  tell.line();
  tell.line(`  ${tell.style.bold('Everything is still running. In another terminal, try:')}`);
  for (const [command, what] of [
    ['packet list', 'all packets and where they are'],
    ['client list', 'the light clients'],
    ['config validate --live', 'compare the configuration with chains and attestors'],
    ['guard status alpha-1', 'what an attestor has stated'],
  ]) {
    tell.line(`    ${attest} ${command}  ${tell.style.dim(`# ${what}`)}`);
  }
  const [attestor] = net.attestors;
  tell.line(
    `    kill -STOP ${attestor?.process.pid}  ${tell.style.dim(`# silence ${attestor?.name}; kill -CONT wakes it`)}`,
  );
  tell.line();
};

/** Sends a token whenever the user presses Enter, until the signal. */
const stayUp = async (context: CommandContext, stage: Stage): Promise<void> => {
  const { net, tell, signal } = stage;
  tellNext(tell, net);
  const interactive = context.stdin.isTTY === true;
  tell.line(
    interactive ? '  Enter sends a token from alpha to beta. Ctrl-C ends everything.' : '  Ctrl-C ends everything.',
  );
  const lines = interactive ? createInterface({ input: context.stdin }) : undefined;
  let busy = false;
  lines?.on('line', () => {
    if (busy) return;
    busy = true;
    const { alpha } = net.chains;
    const transfer = {
      chain: alpha,
      sender: net.users.alice,
      token: alpha.token,
      amount: 10n ** 18n,
      receiver: net.users.bob.address,
    };
    sendAndFollow(stage, 'by hand', transfer)
      .catch((error: Error) => tell.note(error.message))
      .finally(() => {
        busy = false;
      });
  });
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  lines?.close();
};

/** What the processes complained about last, for somebody who has to find out why the tour failed. */
const tellTroubles = (tell: Narrator, net: Devnet): void => {
  for (const { name, output, state } of net.processes) {
    const lines = output.filter((line) => /"level":"(warn|error|fatal)"/.test(line)).slice(-3);
    if (lines.length > 0 || state !== 'running') tell.line(`  ${name} (${state})`);
    for (const line of lines) tell.line(`    ${line.slice(0, 300)}`);
  }
};

/** The guided tour: starts everything, moves tokens in every way, breaks things, and cleans up. */
export const runDemo = async (context: CommandContext, options: DemoOptions): Promise<ExitCode> => {
  const begun = performance.now();
  const { output, signal } = context;
  const { cosmos, reason } = await withCosmos(options.cosmos);
  const chapters = cosmos ? [...CHAPTERS, ...COSMOS_CHAPTERS] : CHAPTERS;
  const tell = createNarrator(
    output,
    output.json ? context.stderr : context.stdout,
    chapters.length + 1,
    context.stderr.isTTY === true,
  );
  const scene = cosmos ? 'two EVM chains and a Cosmos chain, fifteen attestors' : 'two chains, ten attestors';
  tell.line(tell.style.bold(`Interchain Attestation: ${scene}, no light client of the other chain's consensus`));
  if (reason !== undefined) tell.line(tell.style.dim(`The Cosmos chain is left out: ${reason}`));

  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  const interrupt = (): void => ended.reject(new CliError('cli/interrupted', 'interrupted'));
  if (signal.aborted) interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  let net: Devnet | undefined;
  let tour = true;
  try {
    tell.chapter(
      'Start',
      `${cosmos ? 'Two EVM chains and a real ibc-go chain' : 'Two EVM chains'} on this machine. Five attestors read each; three signatures of five are believed.`,
    );
    const starting = startNetwork(tell, {
      signal,
      cosmos: cosmos ? ['gaia'] : [],
      onUnexpectedExit: (process, how) => {
        const said = process.output.at(-1)?.slice(0, 200) ?? '';
        ended.reject(new CliError('cli/child-exited', `${process.name} ended (${how}): ${said}`));
      },
    });
    // When the user interrupts the start, what has been started is still taken down by it.
    net = await Promise.race([
      starting,
      ended.promise.catch(async (error: unknown) => {
        await starting.then((started) => started.close()).catch(() => {});
        throw error;
      }),
    ]);
    const tracker = trackPackets(net);
    const journeys: Journey[] = [];
    const stage: Stage = { net, tracker, tell, journeys, signal };
    try {
      for (const chapter of chapters) {
        tell.chapter(chapter.title, chapter.text);
        await Promise.race([chapter.run(stage), ended.promise]);
      }
      const durationMs = Math.round(performance.now() - begun);
      const { result, print } = await summarize(net, journeys, durationMs);
      print(tell);
      tour = false;
      tell.line();
      tell.line(`  ${tell.style.green('The tour is complete')} after ${(durationMs / 1000).toFixed(0)} s.`);
      if (options.once !== true)
        await Promise.race([
          stayUp(context, stage),
          ended.promise.catch((error: unknown) => {
            if (!isAttestationError(error, 'cli/interrupted')) throw error;
          }),
        ]);
      await net.close();
      if (options.once === true) output.result(result);
      return EXIT.ok;
    } finally {
      tracker.close();
    }
  } catch (error) {
    const interrupted = signal.aborted || isAttestationError(error, 'cli/interrupted');
    if (net !== undefined && tour && !interrupted) tellTroubles(tell, net);
    if (!interrupted) throw error;
    tell.line('\n  stopping everything');
    throw new CliError('cli/interrupted', 'interrupted', { cause: error });
  } finally {
    signal.removeEventListener('abort', interrupt);
    await net?.close();
  }
};
