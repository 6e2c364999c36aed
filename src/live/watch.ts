/** What a run watches by: its programs on the interfaces of one network namespace, or of several. */
import type { Hook } from '../core/hooks.js';
import type { HookCost } from '../core/self-cost.js';
import type { AttachMethod } from '../libbpf/attachment.js';
import { claim } from '../libbpf/instances.js';
import type { LoadedObject } from '../libbpf/object.js';
import type { InterfaceStore } from '../maps/interfaces.js';
import { EntryPrograms } from './entry-programs.js';
import { type InterfacePlan, watchedOf as watchedHere } from './interface-plan.js';
import type { NamespacesPlan } from './namespace-plan.js';
import { callsIn } from './namespaced-calls.js';
import { type LoadedPrograms, programsIn, type Watched } from './programs.js';
import { runsOf } from './self-cost.js';
import { WatchedInterfaces } from './watched-interfaces.js';
import { PRESENT, WatchedNamespaces } from './watched-namespaces.js';

/** Of interfaces in one network namespace, or in several. */
export type WatchPlan = InterfacePlan | NamespacesPlan;

export interface Watch {
  readonly interfaces: WatchedInterfaces | WatchedNamespaces;
  /** What the programs have cost, while the kernel measured that. */
  readonly runs: (hook: Hook) => HookCost;
  /** Once they are attached nowhere any more. May be called twice. */
  readonly close: () => void;
}

export interface WatchParts {
  /** Undefined takes TCX where there is one, else clsact. */
  readonly method: AttachMethod | undefined;
  /** Undefined where there is but one interface. */
  readonly maps: InterfaceStore | undefined;
  /** Whether the run is to end before it has begun. */
  readonly isOver?: (() => boolean) | undefined;
}

/** Attaches nothing yet. @param object has the programs, loaded. Throws a KernelError where others are not to be had. */
export function watchOf(plan: WatchPlan, object: LoadedObject, parts: WatchParts): Watch {
  const programs = programsIn(object, watchedOf(plan).links);
  return isOfSeveral(plan)
    ? ofNamespaces(plan, programs, parts)
    : ofInterfaces(plan, programs, parts);
}

/** What the programs have to know of the interfaces. */
export function watchedOf(plan: WatchPlan): Watched {
  if (!isOfSeveral(plan)) return watchedHere(plan);
  const all = plan.namespaces.flatMap((each) => watchedHere(each.plan).links);
  const links = plan.isOpen ? (['ethernet', 'ip'] as const) : [...new Set(all)];
  return { links, isLoopback: false, areSeveral: true, areNumbered: true };
}

export function isOfSeveral(plan: WatchPlan): plan is NamespacesPlan {
  return 'namespaces' in plan;
}

function ofInterfaces(plan: InterfacePlan, programs: LoadedPrograms, parts: WatchParts): Watch {
  const all = [...programs.values()];
  const disclaim = claim(all.flatMap((each) => Object.values(each)));
  const programsFor = programs.get.bind(programs);
  return {
    interfaces: new WatchedInterfaces({ ...parts, plan, programsFor }),
    runs: (hook) => runsOf(all, hook),
    close: disclaim,
  };
}

/** Those in front of the programs are the ones that are attached, and claimed. */
function ofNamespaces(plan: NamespacesPlan, programs: LoadedPrograms, parts: WatchParts): Watch {
  const { maps } = parts;
  if (!maps) throw new Error('several namespaces have several interfaces');
  const entries = new EntryPrograms(programs);
  const programsFor = programs.get.bind(programs);
  return {
    interfaces: new WatchedNamespaces({
      ...parts,
      plan,
      programsFor,
      maps,
      calls: {
        ...PRESENT,
        callsIn: (where, numberOf) => callsIn({ where, entries, numberOf }),
      },
    }),
    runs: (hook) => entries.runs(hook),
    close: () => entries.close(),
  };
}
