import { ChainError } from '../errors.ts';
import type { Header } from './headers.ts';

const noAnswer = (): ChainError =>
  new ChainError('chain/unavailable', 'what was answered is no answer to the question', { retryable: true });

/** @throws ChainError `chain/unavailable` where there is nothing to compare */
export const assertAnswer = <T>(answer: T): T => {
  if (typeof answer !== 'object' || answer === null) throw noAnswer();
  return answer;
};

/** @throws ChainError `chain/unavailable` unless there is an answer to each */
export const assertAnswers = <T>(asked: readonly unknown[], answers: readonly T[]): readonly T[] => {
  if (!Array.isArray(answers) || answers.length !== asked.length) throw noAnswer();
  return answers;
};

/** @throws ChainError `chain/unavailable` unless there is a header, or undefined, for each height */
export const assertHeaders = (heights: readonly bigint[], headers: readonly Header[]): readonly Header[] => {
  for (const [i, header] of assertAnswers(heights, headers).entries()) {
    if (header !== undefined && assertAnswer(header).height !== heights[i]) throw noAnswer();
  }
  return headers;
};
