// What sources declare as constants is constant in a bundle, too. esbuild makes variables of them, and an engine
// knows the values of constants only: an event would cost half as much again.
import { parseSync, printSync } from '@swc/core';

/** @param code a module that esbuild has made. @returns the same with constants, and without white space */
export function withConstants(code) {
  const module = parseSync(code, { target: 'es2022' });
  const assigned = new Set(assignedIn(module));
  const body = module.body.flatMap((item) => declarations(item, assigned));
  return printSync({ ...module, body }, { minify: true }).code;
}

/** Each by itself: of those that esbuild has joined, some may be constants. */
function declarations(item, assigned) {
  if (item.type !== 'VariableDeclaration' || item.kind !== 'var') return [item];
  return item.declarations.map((each) => {
    const isConstant = each.init && !namesIn(each.id).some((name) => assigned.has(name));
    return { ...item, kind: isConstant ? 'const' : 'var', declarations: [each] };
  });
}

/** Names of all variables that are given other values, in whatever scope: more than those of the module. */
function assignedIn(node) {
  if (node === null || typeof node !== 'object') return [];
  const within = Object.values(node).flatMap(assignedIn);
  const target = targetOf(node);
  return target ? [...within, ...namesIn(target)] : within;
}

function targetOf(node) {
  if (node.type === 'AssignmentExpression') return node.left;
  if (node.type === 'UpdateExpression') return node.argument;
  return node.type === 'ForInStatement' || node.type === 'ForOfStatement' ? node.left : undefined;
}

/** Those that a pattern gives values to. */
function namesIn(pattern) {
  if (pattern === null || typeof pattern !== 'object') return [];
  if (pattern.type === 'Identifier') return [pattern.value];
  // What is assigned there is a property.
  if (pattern.type === 'MemberExpression') return [];
  return Object.values(pattern).flatMap(namesIn);
}
