import type { Command } from 'commander';
import { EXIT } from '../output/exit-codes.ts';
import { printable, printableFields } from '../output/printable.ts';
import type { Act } from '../program.ts';
import { nameOf, withRelayer } from '../services/relayer-client.ts';
import { examples } from './group.ts';

/** `packet status` and `packet resume`: how far the relayer is, and what stands still. */
export const registerStatus = (packet: Command, act: Act): void => {
  packet
    .command('status')
    .description('how far the relayer is on each chain, packets by state, and routes that stand still')
    .addHelpText('after', examples(['attest packet status']))
    .action(
      act(async (context) => {
        const status = await withRelayer(context, ({ operator }) => operator.getStatus({}));
        const config = await context.config();
        const { output } = context;
        const { green, red } = output.style;
        output.table(
          [
            { head: 'chain' },
            { head: '' },
            { head: 'head', alignRight: true },
            { head: 'final', alignRight: true },
            { head: 'read to', alignRight: true },
            { head: 'signer balance', alignRight: true },
          ],
          status.chains
            .map(printableFields)
            .map((chain) => [
              nameOf(config, chain.chainId),
              chain.reachable ? green('answers') : red('does not answer'),
              ...[chain.latestHeight, chain.finalizedHeight, chain.cursorHeight, chain.signerBalance].map(String),
            ]),
        );
        const states = Object.entries(status.packetsByState).map(([state, count]) => printable(`${count} ${state}`));
        output.line(`packets: ${states.join(', ') || 'none'}`);
        const halted = status.routes.filter((route) => route.halted);
        for (const { routeId, haltCode, haltReason } of halted.map(printableFields)) {
          output.line(red(`route ${routeId} stands still: ${haltCode}: ${haltReason}`));
        }
        if (halted.length > 0) output.line('find out why, then: attest packet resume ROUTE');
        const chains = status.chains.map(({ $typeName: _, ...chain }) => ({
          ...chain,
          name: nameOf(config, chain.chainId),
        }));
        const routes = status.routes.map(({ $typeName: _, ends, ...route }) => ({
          ...route,
          ends: ends.map(({ chainId, clientId }) => ({ chainId, clientId })),
        }));
        output.result({ ok: halted.length === 0, chains, packetsByState: status.packetsByState, routes });
        return halted.length === 0 ? undefined : EXIT.verdict;
      }),
    );
  packet
    .command('resume <route>')
    .description('let a route that stands still go on, after you have found out why')
    .addHelpText('after', examples(['attest packet resume alpha-beta']))
    .action(
      act(async (context, _options, [routeId = '']) => {
        await withRelayer(context, ({ operator }) => operator.resumeRoute({ routeId }));
        context.output.line(`route ${routeId} goes on`);
        context.output.result({ ok: true, routeId });
        return undefined;
      }),
    );
};
