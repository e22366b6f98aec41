import {
  balanceOf,
  cosmosVoucher,
  type DevnetCosmosChain,
  updateWithState,
  voucherOf,
} from '@interchain-attestation/devnet';
import type { Chapter } from './chapters.ts';
import {
  followAndKeep,
  LATE_SEC,
  type Stage,
  send,
  sendAndFollow,
  sendCosmosAndFollow,
  sendFromCosmos,
  sendTooLate,
} from './journey.ts';

const UNIT = 10n ** 18n;
/** gaia's coin has 6 decimals in this story. */
const COIN = 10n ** 6n;

const gaiaOf = ({ net }: Stage): DevnetCosmosChain => {
  const { gaia } = net.cosmos;
  if (gaia === undefined) throw new Error('the network has no chain gaia');
  return gaia;
};

/** Client on alpha that tracks gaia. */
const clientOnAlpha = ({ net }: Stage): string =>
  net.clients.find(({ on, of }) => on === 'alpha' && of === 'gaia')?.clientId ?? '';

/** ALFA as gaia names it: the path that a transfer home states, and the name of the coin. */
const alfaOnGaia = (stage: Stage): { readonly path: string; readonly denom: string } => {
  const base = stage.net.chains.alpha.token.toLowerCase();
  const clientId = gaiaOf(stage).clientIds.alpha ?? '';
  return { path: `transfer/${clientId}/${base}`, denom: cosmosVoucher(clientId, base) };
};

const evmToken: Chapter = {
  title: 'An EVM token goes to a Cosmos chain, and home',
  text: 'gaia is a real ibc-go chain. Its light client of alpha is the one of ibc-go; alpha checks gaia with ours.',
  run: async (stage) => {
    const { net, tell } = stage;
    const gaia = gaiaOf(stage);
    const { alpha } = net.chains;
    const { alice, bob } = net.users;
    const { path, denom } = alfaOnGaia(stage);
    const [receiver, sourceClient] = [gaia.addressOf(bob), clientOnAlpha(stage)];
    const before = await balanceOf(alpha, alpha.token, alice.address);
    const there = { chain: alpha, sender: alice, token: alpha.token, amount: UNIT, receiver, sourceClient };
    await sendAndFollow(stage, 'alpha → gaia', there);
    const held = await gaia.balanceOf(receiver, denom);
    tell.check(held === UNIT, `Bob has 1 ALFA on gaia as ${denom.slice(0, 12)}…`);
    await sendCosmosAndFollow(stage, 'gaia → alpha', {
      ...{ chain: gaia, sender: bob, to: 'alpha', denom: path, amount: UNIT },
      receiver: alice.address,
    });
    const after = await balanceOf(alpha, alpha.token, alice.address);
    const left = await gaia.balanceOf(receiver, denom);
    tell.check(after === before && left === 0n, 'Alice has it again on alpha, and no voucher is left on gaia');
  },
};

const cosmosCoin: Chapter = {
  title: 'A Cosmos coin goes to EVM, and home',
  text: 'Alice sends 5 coins of gaia to Bob on alpha, where they become an ERC-20; Bob sends them back.',
  run: async (stage) => {
    const { net, tell } = stage;
    const gaia = gaiaOf(stage);
    const { alpha } = net.chains;
    const { alice, bob } = net.users;
    const sourceClient = clientOnAlpha(stage);
    const amount = 5n * COIN;
    await sendCosmosAndFollow(stage, 'gaia → alpha', {
      ...{ chain: gaia, sender: alice, to: 'alpha', denom: gaia.denom, amount },
      receiver: bob.address,
    });
    const token = await voucherOf(alpha, gaia.denom, sourceClient);
    const held = token === undefined ? 0n : await balanceOf(alpha, token, bob.address);
    tell.check(token !== undefined && held === amount, `Bob has ${held / COIN} coins of gaia on alpha, as an ERC-20`);
    if (token === undefined) return;
    const receiver = gaia.addressOf(alice);
    const before = await gaia.balanceOf(receiver, gaia.denom);
    await sendAndFollow(stage, 'alpha → gaia', { chain: alpha, sender: bob, token, amount, receiver, sourceClient });
    const after = await gaia.balanceOf(receiver, gaia.denom);
    const left = await balanceOf(alpha, token, bob.address);
    tell.check(after - before === amount && left === 0n, 'Alice has them again on gaia, and the ERC-20 is burnt');
  },
};

const failures: Chapter = {
  title: 'Too late and refused, both ways',
  text: `A packet with ${LATE_SEC} seconds to live and one to a receiver that does not exist, from each chain to the other.`,
  run: async (stage) => {
    const { net, tell } = stage;
    const gaia = gaiaOf(stage);
    const { alpha } = net.chains;
    const { alice, bob } = net.users;
    const { denom } = alfaOnGaia(stage);
    const there = { chain: alpha, sender: alice, token: alpha.token, amount: UNIT, sourceClient: clientOnAlpha(stage) };
    const back = { chain: gaia, sender: alice, to: 'alpha', denom: gaia.denom, amount: COIN } as const;
    const before = await balanceOf(alpha, alpha.token, alice.address);
    const onGaia = await gaia.balanceOf(gaia.addressOf(bob), denom);
    const late = await sendTooLate(stage, async () => [
      ...(await send(stage, { ...there, receiver: gaia.addressOf(bob), timeoutSec: LATE_SEC })),
      ...(await sendFromCosmos(stage, { ...back, receiver: bob.address, timeoutSec: LATE_SEC })),
    ]);
    const [lateThere] = await followAndKeep(stage, 'too late → gaia', late.slice(0, 1));
    const [lateBack] = await followAndKeep(stage, 'too late → alpha', late.slice(1));
    tell.check(
      lateThere?.outcome === 'timed-out' && lateBack?.outcome === 'timed-out',
      'nobody received them: an attested absence of the receipt times them out on both chains',
    );
    const [refusedThere] = await sendAndFollow(stage, 'refused → gaia', { ...there, receiver: 'nobody' });
    const [refusedBack] = await sendCosmosAndFollow(stage, 'refused → alpha', { ...back, receiver: 'nobody' });
    const after = await balanceOf(alpha, alpha.token, alice.address);
    const arrived = (await gaia.balanceOf(gaia.addressOf(bob), denom)) - onGaia;
    tell.check(
      refusedThere?.outcome === 'refused' && refusedBack?.outcome === 'refused',
      'the errors of either chain travelled back to the other',
    );
    tell.check(before - after === arrived, 'whatever did not arrive was refunded');
  },
};

const misbehaviour: Chapter = {
  title: 'Three attestors lie to gaia',
  text: 'The same lie about alpha, shown to a client on the Cosmos chain: ibc-go freezes it by the same rule.',
  run: async (stage) => {
    const { net, tell } = stage;
    const gaia = gaiaOf(stage);
    const clientId = await tell.waiting('creating a second client on gaia', () =>
      net.addCosmosClient('gaia', 'alpha', 'alpha-gaia-spare'),
    );
    tell.step(`second client on gaia, same five attestors: ${clientId}`, 'so that the first one stays usable');
    const { latestHeight: height, isFrozen } = await gaia.chain.clients.clientState(clientId);
    const [known = 0n] = await gaia.chain.clients.consensusTimestamps(clientId, [height]);
    const keys = net.attestors.filter(({ chain }) => chain === 'alpha').slice(0, net.layout.quorum);
    tell.step(
      `${keys.map(({ name }) => name).join(', ')} sign: block ${height} of alpha has time ${known + 1n}`,
      `the client knows ${known}`,
    );
    const statement = { keys: keys.map(({ key }) => key), height, timestampSec: known + 1n };
    const receipt = await tell.waiting('submitting it', () =>
      updateWithState(gaia, net.users.bob, clientId, statement),
    );
    tell.step('submitted by Bob', receipt.txId);
    const after = await gaia.chain.clients.clientState(clientId);
    tell.check(!isFrozen && after.isFrozen, `client ${clientId} is frozen, for good`);
  },
};

/** The part of the tour that has a Cosmos chain, in order. */
export const COSMOS_CHAPTERS: readonly Chapter[] = [evmToken, cosmosCoin, failures, misbehaviour];
