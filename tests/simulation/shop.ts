import { hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import type { Dice } from './dice.ts';
import type { AlertWish, Paces, Scaled, ServicePlan } from './plan.ts';
import type { ProfileName } from './profiles.ts';

/** Well, alone, and nobody's special case. */
export const A_SERVICE: ServicePlan = {
  service: 'db',
  replicas: 1,
  checked: true,
  startUp: seconds(1),
  endsAfter: 0,
  restartPolicy: 'no',
  needs: [],
  without: 'fine',
  inNetworkOf: undefined,
  scaled: undefined,
  needsYes: false,
  alert: undefined,
  standing: 'watched',
};

/** A little shop, each time another one. */
export function someServices(dice: Dice, profile: ProfileName): readonly ServicePlan[] {
  const some = (differing: Partial<ServicePlan>): ServicePlan => ({
    ...A_SERVICE,
    checked: dice.chance(0.6),
    startUp: dice.pick([seconds(1), seconds(8), seconds(25)]),
    endsAfter: dice.pick([0, 0, seconds(2), seconds(8), seconds(20)]),
    restartPolicy: dice.pick(['no', 'no', 'unless-stopped', 'always', 'on-failure']),
    ...differing,
  });
  const maybe = (...services: readonly ServicePlan[]) => services.filter(() => dice.chance(0.5));
  const scaled = [aScaled('queue', dice), aScaled('cpu', dice)].map(some);
  return [
    some({ service: 'db', checked: true }),
    some({ service: 'web', checked: true, needs: ['db'], without: 'ill', replicas: dice.pick([1, 1, 3]) }),
    ...maybe(
      some({ service: 'cache' }),
      some({ service: 'worker', needs: ['db'], without: 'falls', restartPolicy: 'no' }),
      some({ service: 'front', checked: true, needs: ['web'], without: 'ill' }),
      some({ service: 'side', inNetworkOf: 'db' }),
      some({ service: 'report', standing: 'respects-stops' }),
      some({ service: 'legacy', standing: 'opted-out' }),
      some({ service: 'trial', standing: 'observed' }),
      some({ service: 'mail', standing: 'other-project' }),
      some({ service: 'watchdog', standing: 'the watchdog itself', checked: false }),
    ),
    ...(profile === 'load' ? scaled : maybe(...scaled)),
  ];
}

function aScaled(follows: Scaled['follows'], dice: Dice): Partial<ServicePlan> {
  const min = follows === 'queue' ? dice.between(0, 2) : dice.between(1, 2);
  const max = Math.max(1, min) + dice.between(0, 4);
  return {
    service: follows === 'queue' ? 'jobs' : 'api',
    needs: dice.pick([[], ['db']]),
    without: dice.pick(['ill', 'fine']),
    replicas: Math.max(1, min),
    scaled: { follows, min, max, drain: dice.pick([0, 0, seconds(5), seconds(40)]) },
  };
}

/** As monitoring/alertmanager/alertmanager.yml sets them for the watchdog. */
export const STACK_PACES: Paces = { wait: seconds(1), interval: seconds(15), repeat: minutes(5) };

/** And as Alertmanager sets them where nobody does. */
export const PACES: readonly Paces[] = [STACK_PACES, { wait: seconds(30), interval: minutes(5), repeat: hours(4) }];

const WISHES: readonly AlertWish[] = ['restart', 'restart', 'restart', 'mend-files', 'none', 'nonsense'];

/** How many of the services have an alert, and how many a repair that needs a yes. */
const SHARES: Readonly<Partial<Record<ProfileName, { readonly alert: number; readonly needsYes: number }>>> = {
  alerts: { alert: 0.8, needsYes: 0 },
  approvals: { alert: 0.2, needsYes: 0.7 },
  everything: { alert: 0.4, needsYes: 0.3 },
};

/** The same services, with what monitoring and the operator's own playbooks add to them. */
export function alertedServices(
  services: readonly ServicePlan[],
  profile: ProfileName,
  dice: Dice,
): readonly ServicePlan[] {
  const shares = SHARES[profile];
  if (shares === undefined) return services;
  return services.map(service => ({
    ...service,
    needsYes: service.checked && dice.chance(shares.needsYes),
    alert: dice.chance(shares.alert) ? dice.pick(WISHES) : undefined,
  }));
}
