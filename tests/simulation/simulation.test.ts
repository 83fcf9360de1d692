import { describe, expect, test } from '@jest/globals';
import { FOUND } from './hand-made.ts';
import { PROFILE_NAMES, type ProfileName, planFor } from './profiles.ts';
import { brokenWords, simulate } from './simulation.ts';

const DAYS = 1;

/** New ones each time; the seed is in the test's name, so that a failure can be run again: `npm run simulate -- --seed N`. */
const FRESH = 100 + Math.floor(Math.random() * 1_000_000);

const kept = async (seed: number, profile: ProfileName) => {
  const { broken, story, counts } = await simulate(planFor(seed, profile, DAYS));
  expect(broken === undefined ? 'no rule broken' : `${story}\n${brokenWords(broken)}`).toBe('no rule broken');
  return counts;
};

describe.each([1, 2])('seed %i', seed => {
  test.each(PROFILE_NAMES)(`breaks no rule in ${DAYS} days of trouble of the profile %s`, async profile => {
    const { repairs } = await kept(seed, profile);

    // Else nothing was put to the proof.
    expect(repairs).toBeGreaterThan(0);
  });
});

describe(`fresh seed ${FRESH}`, () => {
  // It may draw a day on which nothing has to be repaired.
  test.each(PROFILE_NAMES)(`breaks no rule in ${DAYS} days of trouble of the profile %s`, async profile => {
    await kept(FRESH, profile);
  });
});

test.each(Object.entries(FOUND))('no more: %s', async (_, plan) => {
  const { broken, story } = await simulate(plan);

  expect(broken === undefined ? 'no rule broken' : `${story}\n${brokenWords(broken)}`).toBe('no rule broken');
});

test('the same seed tells the same story twice', async () => {
  const stories = [];
  for (const _ of [1, 2]) stories.push((await simulate(planFor(7, 'everything', 1))).story);

  expect(stories[0]).toBe(stories[1]);
});
