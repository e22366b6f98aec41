import { attestationLightClientAbi } from '@interchain-attestation/contracts';
import { type Address, bytesToHex } from '@interchain-attestation/core';
import { balanceOf, type DevnetAttestor, readClient, signState, voucherOf } from '@interchain-attestation/devnet';
import {
  follow,
  followAndKeep,
  type Journey,
  LATE_SEC,
  type Stage,
  send,
  sendAndFollow,
  sendTooLate,
} from './journey.ts';
import { sleep } from './sleep.ts';

/** A part of the tour. */
export interface Chapter {
  readonly title: string;
  readonly text: string;
  run(stage: Stage): Promise<void>;
}

/** Tokens have 18 decimals; the demo moves whole ones. */
const UNIT = 10n ** 18n;
const whole = (amount: bigint): string => (amount / UNIT).toLocaleString('en');

const voucher = async ({ net }: Stage): Promise<Address> => {
  const found = await voucherOf(net.chains.beta, net.chains.alpha.token);
  if (found === undefined) throw new Error('there is no voucher on beta');
  return found;
};

const there: Chapter = {
  title: 'A token goes from alpha to beta',
  text: 'Alice locks 100 ALFA on alpha. Attestors sign what alpha holds; beta checks 3 signatures and gives Bob a voucher.',
  run: async (stage) => {
    const { net, tell } = stage;
    const { alpha, beta } = net.chains;
    const { alice, bob } = net.users;
    const before = await balanceOf(alpha, alpha.token, alice.address);
    await sendAndFollow(stage, 'alpha → beta', {
      chain: alpha,
      sender: alice,
      token: alpha.token,
      amount: 100n * UNIT,
      receiver: bob.address,
    });
    const token = await voucher(stage);
    const [after, held] = await Promise.all([
      balanceOf(alpha, alpha.token, alice.address),
      balanceOf(beta, token, bob.address),
    ]);
    tell.check(
      before - after === 100n * UNIT && held === 100n * UNIT,
      `Alice has 100 ALFA less on alpha, Bob has ${whole(held)} ALFA vouchers on beta`,
    );
  },
};

const home: Chapter = {
  title: 'And back home',
  text: 'Bob returns the voucher: it is burnt on beta, and alpha pays out the locked tokens.',
  run: async (stage) => {
    const { net, tell } = stage;
    const { alpha, beta } = net.chains;
    const { alice, bob } = net.users;
    const token = await voucher(stage);
    const before = await balanceOf(alpha, alpha.token, alice.address);
    await sendAndFollow(stage, 'beta → alpha', {
      chain: beta,
      sender: bob,
      token,
      amount: 100n * UNIT,
      receiver: alice.address,
    });
    const [after, held] = await Promise.all([
      balanceOf(alpha, alpha.token, alice.address),
      balanceOf(beta, token, bob.address),
    ]);
    tell.check(
      after - before === 100n * UNIT && held === 0n,
      'Alice has her 100 ALFA again, and no voucher is left on beta',
    );
  },
};

const expired: Chapter = {
  title: 'A packet that comes too late',
  text: `Sent with ${LATE_SEC} seconds to live. Attestors sign that beta has no receipt of it, and alpha refunds Alice.`,
  run: async (stage) => {
    const { net, tell } = stage;
    const { alpha } = net.chains;
    const { alice, bob } = net.users;
    const before = await balanceOf(alpha, alpha.token, alice.address);
    const late = await sendTooLate(stage, () =>
      send(stage, {
        ...{ chain: alpha, sender: alice, token: alpha.token, amount: 10n * UNIT },
        ...{ receiver: bob.address, timeoutSec: LATE_SEC },
      }),
    );
    const [packet] = await followAndKeep(stage, 'too late', late);
    const after = await balanceOf(alpha, alpha.token, alice.address);
    tell.check(
      packet?.outcome === 'timed-out' && after === before,
      'beta never received it, and Alice has her tokens again',
    );
  },
};

const refused: Chapter = {
  title: 'A packet that the other side refuses',
  text: 'The receiver is "nobody", which is no address on beta. The error travels back the same way, and Alice is refunded.',
  run: async (stage) => {
    const { net, tell } = stage;
    const { alpha } = net.chains;
    const { alice } = net.users;
    const before = await balanceOf(alpha, alpha.token, alice.address);
    const [packet] = await sendAndFollow(stage, 'refused', {
      chain: alpha,
      sender: alice,
      token: alpha.token,
      amount: 10n * UNIT,
      receiver: 'nobody',
    });
    const after = await balanceOf(alpha, alpha.token, alice.address);
    tell.check(
      packet?.outcome === 'refused' && after === before,
      'an error acknowledgement came back, and Alice has her tokens again',
    );
  },
};

const BATCH = 50;

const batch: Chapter = {
  title: `${BATCH} packets at once`,
  text: `${BATCH} transfers, each a transaction of its own. One attestation covers all of them, and beta verifies it once a transaction.`,
  run: async (stage) => {
    const { net, tell } = stage;
    const { alpha, beta } = net.chains;
    const { alice, bob } = net.users;
    const before = await balanceOf(beta, await voucher(stage), bob.address);
    const ended = await sendAndFollow(stage, `${BATCH} at once`, {
      chain: alpha,
      sender: alice,
      token: alpha.token,
      amount: UNIT,
      receiver: bob.address,
      count: BATCH,
    });
    const after = await balanceOf(beta, await voucher(stage), bob.address);
    const delivered = ended.filter(({ outcome }) => outcome === 'delivered').length;
    tell.check(
      delivered === BATCH && after - before === BigInt(BATCH) * UNIT,
      `${delivered} delivered, Bob has ${whole(after - before)} more`,
    );
  },
};

const WAIT_MS = 6_000;

const quorumLoss: Chapter = {
  title: 'Attestors fall silent',
  text: 'Two of five are stopped with SIGSTOP: they keep their connections and answer nothing. Then a third.',
  run: async (stage) => {
    const { net, tell, tracker, signal } = stage;
    const { alpha, beta } = net.chains;
    const { alice, bob } = net.users;
    const transfer = { chain: alpha, sender: alice, token: alpha.token, amount: UNIT, receiver: bob.address };
    const [first, second, third] = net.attestors.filter(({ chain }) => chain === 'alpha') as [
      DevnetAttestor,
      DevnetAttestor,
      DevnetAttestor,
    ];
    const stopped = [first, second];
    try {
      for (const { name, process } of stopped) {
        process.stop();
        tell.step(`${name} is stopped`, `pid ${process.pid}`);
      }
      await sendAndFollow(stage, '2 attestors hung', transfer);
      tell.check(true, 'three of five still sign: nothing is slower than before');

      third.process.stop();
      stopped.push(third);
      tell.step(`${third.name} is stopped`, `pid ${third.process.pid}`);
      const waiting = await send(stage, transfer);
      await tell.waiting('two of five sign, three are needed: watching that nothing moves', () =>
        sleep(WAIT_MS, signal),
      );
      const moved = waiting.map(tracker.current).some(({ receive }) => receive !== undefined);
      tell.check(!moved, `after ${WAIT_MS / 1000} s beta has received nothing: two of five are not enough`);

      for (const { name, process } of stopped.splice(0)) {
        process.cont();
        tell.step(`${name} goes on`);
      }
      const ended = await follow(stage, waiting, 90_000);
      stage.journeys.push({ label: '3 hung, resumed', packets: ended });
      tell.check(
        ended.every(({ outcome }) => outcome === 'delivered'),
        'the packet that waited has arrived',
      );
    } finally {
      for (const { process } of stopped) process.cont();
    }
    void beta;
  },
};

const SPARE_CLIENT = 'attest-alpha-spare';

const misbehaviour: Chapter = {
  title: 'Three attestors lie',
  text: 'Three keys sign a second time for a block. Anybody may show that to a client, which then believes these attestors nothing any more.',
  run: async (stage) => {
    const { net, tell } = stage;
    const { beta } = net.chains;
    const lightClient = await tell.waiting('registering a second client on beta', () =>
      net.addClient('beta', SPARE_CLIENT),
    );
    tell.step(`second client on beta, same five attestors: ${SPARE_CLIENT}`, 'so that the first one stays usable');
    const before = await readClient(beta, lightClient);
    const keys = net.attestors.filter(({ chain }) => chain === 'alpha').slice(0, net.layout.quorum);
    const lie = before.timestampSec + 1n;
    tell.step(`it knows block ${before.latestHeight} of alpha with time ${before.timestampSec}`);
    tell.step(
      `${keys.map(({ name }) => name).join(', ')} now sign: block ${before.latestHeight} has time ${lie}`,
      'with the bare keys: their guards would refuse',
    );
    const proof = bytesToHex(
      signState(
        keys.map(({ key }) => key),
        before.latestHeight,
        lie,
      ),
    );
    const receipt = await tell.waiting('submitting it, alone', () =>
      beta.write(net.users.bob, {
        address: lightClient,
        abi: attestationLightClientAbi,
        functionName: 'updateClient',
        args: [proof],
      }),
    );
    stage.journeys.push({ label: 'misbehaviour', packets: [] } satisfies Journey);
    const after = await readClient(beta, lightClient);
    tell.step('submitted, alone, by Bob', receipt.transactionHash);
    tell.check(!before.isFrozen && after.isFrozen, `client ${SPARE_CLIENT} is frozen, for good`);
  },
};

/** The tour after the start, in order. */
export const CHAPTERS: readonly Chapter[] = [there, home, expired, refused, batch, quorumLoss, misbehaviour];
