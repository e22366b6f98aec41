import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { goProgram, skipWithout } from '@interchain-attestation/go-tools';
import {
  balanceOf,
  type Devnet,
  type PacketTracker,
  startDevnet,
  trackPackets,
  updateWithState,
  voucherOf,
} from '../src/index.ts';
import { alfaOnGaia, fromGaia, GAIA_CLIENT, gaiaOf, toGaia } from './support/cosmos.ts';
import { ended } from './support/transfers.ts';

const skip = skipWithout(await goProgram('ibc-go-chain'));

describe('tokens between an EVM chain and a real ibc-go chain', () => {
  let net: Devnet;
  let tracker: PacketTracker;
  const alfa = (who: 'alice' | 'bob'): Promise<bigint> =>
    balanceOf(net.chains.alpha, net.chains.alpha.token, net.users[who].address);
  const alfaVouchers = (who: 'alice' | 'bob'): Promise<bigint> => {
    const gaia = gaiaOf(net);
    return gaia.balanceOf(gaia.addressOf(net.users[who]), alfaOnGaia(net).denom);
  };
  const coins = (who: 'alice' | 'bob'): Promise<bigint> => {
    const gaia = gaiaOf(net);
    return gaia.balanceOf(gaia.addressOf(net.users[who]), gaia.denom);
  };
  const coinVouchers = async (who: 'alice' | 'bob'): Promise<bigint> => {
    const token = await voucherOf(net.chains.alpha, gaiaOf(net).denom, GAIA_CLIENT);
    return token === undefined ? 0n : balanceOf(net.chains.alpha, token, net.users[who].address);
  };

  before(async () => {
    if (skip !== false) return;
    net = await startDevnet({ cosmos: ['gaia'], attestorsPerChain: 3, attestorProcesses: 'chain', logLevel: 'warn' });
    tracker = trackPackets(net);
  });
  after(async () => {
    tracker?.close();
    await net?.close();
  });

  test('an EVM token goes to Cosmos and home again', { skip }, async () => {
    const had = await alfa('alice');
    await ended(net, tracker, await toGaia(net, tracker, { amount: 1_000n }));
    assert.equal(await alfa('alice'), had - 1_000n);
    assert.equal(await alfaVouchers('bob'), 1_000n);

    const back = await fromGaia(net, tracker, {
      ...{ sender: net.users.bob, denom: alfaOnGaia(net).path, amount: 400n },
      receiver: net.users.alice.address,
    });
    await ended(net, tracker, back.packets);
    assert.equal(await alfaVouchers('bob'), 600n);
    assert.equal(await alfa('alice'), had - 600n);
  });

  test('a Cosmos coin goes to EVM and home again', { skip }, async () => {
    const { receipt, packets } = await fromGaia(net, tracker, { amount: 5_000n });
    assert.ok(receipt.success);
    await ended(net, tracker, packets);
    assert.equal(await coinVouchers('bob'), 5_000n);

    const had = await coins('alice');
    const token = await voucherOf(net.chains.alpha, gaiaOf(net).denom, GAIA_CLIENT);
    assert.ok(token);
    const receiver = gaiaOf(net).addressOf(net.users.alice);
    const home = await toGaia(net, tracker, { sender: net.users.bob, token, amount: 2_000n, receiver });
    await ended(net, tracker, home);
    assert.equal(await coinVouchers('bob'), 3_000n);
    assert.equal(await coins('alice'), had + 2_000n);
  });

  test('error acknowledgements come back both ways and refund the sender', { skip }, async () => {
    const had = { alfa: await alfa('alice'), vouchers: await coinVouchers('bob') };
    await ended(net, tracker, await toGaia(net, tracker, { amount: 7n, receiver: 'nobody' }), 'refused');
    assert.equal(await alfa('alice'), had.alfa);

    const escrowed = await coins('bob');
    const { packets } = await fromGaia(net, tracker, { sender: net.users.bob, amount: 7n, receiver: 'nobody' });
    await ended(net, tracker, packets, 'refused');
    // Nothing but the fee of the transaction is gone.
    assert.ok(escrowed - (await coins('bob')) < 100_000n);
    assert.equal(await coinVouchers('bob'), had.vouchers);
  });

  test('packets that nobody brings in time are timed out both ways and refunded', { skip }, async () => {
    const { relayer } = net;
    assert.ok(relayer);
    const had = await alfa('alice');
    relayer.process.stop();
    const late = await toGaia(net, tracker, { amount: 9n, timeoutSec: 3 });
    const { packets } = await fromGaia(net, tracker, { amount: 9n, timeoutSec: 3 });
    const due = Date.now() + 5_000;
    while (Date.now() < due) await new Promise((resolve) => setTimeout(resolve, 100));
    relayer.process.cont();
    await ended(net, tracker, [...late, ...packets], 'timed-out');
    assert.equal(await alfa('alice'), had);
  });

  test('fifty at once each way', { skip }, async () => {
    const had = await alfaVouchers('bob');
    const there = await toGaia(net, tracker, { count: 50 });
    const { packets } = await fromGaia(net, tracker, { count: 50 });
    assert.equal(packets.length, 50);
    await ended(net, tracker, [...there, ...packets], 'delivered', 90_000);
    assert.equal((await alfaVouchers('bob')) - had, 50n);
  });

  test('two contradicting statements freeze the client on the Cosmos side, and nothing passes it any more', {
    skip,
  }, async () => {
    const gaia = gaiaOf(net);
    const clientId = gaia.clientIds.alpha ?? '';
    const { latestHeight: height } = await gaia.chain.clients.clientState(clientId);
    const [timestampSec] = await gaia.chain.clients.consensusTimestamps(clientId, [height]);
    assert.ok(timestampSec);
    const keys = net.attestors.filter(({ chain }) => chain === 'alpha').map(({ key }) => key);
    const statement = { keys: keys.slice(0, 2), height, timestampSec: timestampSec + 1n };
    const receipt = await updateWithState(gaia, net.users.bob, clientId, statement);
    assert.ok(receipt.success);
    assert.equal((await gaia.chain.clients.clientState(clientId)).isFrozen, true);

    const [packet] = await toGaia(net, tracker);
    assert.ok(packet);
    const due = Date.now() + 4_000;
    while (Date.now() < due) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(tracker.current(packet).receive, undefined);
    // The other pair of chains goes on.
  });
});
