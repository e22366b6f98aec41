import type { Output } from '../output/output.ts';
import { printableFields } from '../output/printable.ts';
import type { ClientVerdict } from '../services/judge-proof.ts';
import { type InspectedProof, type InspectedSignature, isAbsence } from '../services/proof-inspect.ts';

const LISTED = 5;

const signatureText = ({ style }: Output, signature: InspectedSignature): string => {
  const { signer, name, fault, known, duplicate } = signature;
  if (signer === undefined) return style.red(`broken: ${fault}`);
  const notes = [
    ...(fault === undefined ? [] : [`${fault}: not every client takes such a signature`]),
    ...(duplicate === true ? ['signs a second time'] : []),
    ...(known === false ? ['not in the set of the client'] : []),
  ];
  const who = `${signer}${name === undefined ? '' : ` ${name}`}`;
  return notes.length === 0 ? who : `${who} ${style.red(notes.join('; '))}`;
};

const verdictText = ({ style }: Output, verdict: ClientVerdict): string => {
  const { accepted, code, errorName, abci, message, assumes, reencoded } = printableFields(verdict);
  const how = reencoded === true ? ' (put into its form)' : '';
  if (accepted) return style.green(`accepts${how}: ${message}${assumes === undefined ? '' : `, if ${assumes}`}`);
  const number = abci === undefined ? undefined : `${abci.codespace}/${abci.code}`;
  const name = [errorName ?? undefined, number, code].filter((part) => part !== undefined).join(', ');
  return style.red(`rejects${how} [${name}]: ${message}`);
};

const attested = (proof: InspectedProof): string => {
  const { attests, height, timestampSec, count } = proof;
  // Attested times are 64 bits: more than a calendar holds.
  const date = timestampSec === undefined || timestampSec > 8_640_000_000_000n ? '' : isoTime(timestampSec);
  const time = timestampSec === undefined ? '' : `, time ${timestampSec}${date}`;
  const paths = count === undefined ? '' : `, ${count} ${count === 1 ? 'path' : 'paths'}`;
  return `${attests} at height ${height}${time}${paths}`;
};

const isoTime = (seconds: bigint): string => ` (${new Date(Number(seconds) * 1000).toISOString()})`;

/** Shows inspected proofs to people. */
export const showProofs = (output: Output, proofs: readonly InspectedProof[]): void => {
  const { style } = output;
  for (const proof of proofs.map(printableFields)) {
    output.line(`${style.bold(proof.where)}  ${proof.purpose}`);
    const pairs: [string, string][] = [];
    if (proof.form !== undefined) {
      pairs.push(['  form', `${proof.form === 'abi' ? 'ABI' : 'protobuf'}, ${proof.bytes.toLocaleString('en')} bytes`]);
    }
    if (proof.attests === 'covered') pairs.push(['  proof', 'empty: an earlier proof of this transaction covers it']);
    else if (proof.attests === 'unreadable') pairs.push(['  proof', style.red(`unreadable: ${proof.problem}`)]);
    else {
      pairs.push(['  attests', attested(proof)]);
      for (const { path, commitment } of (proof.entries ?? []).slice(0, LISTED)) {
        const value = isAbsence(commitment) ? 'holds nothing' : `= ${commitment.slice(0, 18)}…`;
        pairs.push(['', `${path.slice(0, 18)}… ${value}`]);
      }
      if ((proof.count ?? 0) > LISTED) pairs.push(['', `… and ${(proof.count ?? 0) - LISTED} more`]);
      if (proof.problem !== undefined) pairs.push(['  note', style.yellow(proof.problem)]);
    }
    for (const [index, signature] of proof.signatures.entries()) {
      pairs.push([index === 0 ? '  signed by' : '', signatureText(output, signature)]);
    }
    for (const verdict of proof.verdicts ?? []) pairs.push([`  ${verdict.profile}`, verdictText(output, verdict)]);
    output.pairs(pairs);
  }
};
