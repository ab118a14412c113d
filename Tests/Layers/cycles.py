#!/usr/bin/env python3
"""Ends with 1 when folders of a target need each other in a circle, and names the uses that close it.

Reads the index that the last debug build left (`make build`). A folder of a target, and each file that lies beside its
folders, is a node; a use of a symbol that another node defines is an edge. An extension of a type counts as a use of that
type's node, and what it defines belongs to the node in which it stands.
"""
import os
import sys
from collections import defaultdict

import index


def node(path, target):
    return os.path.relpath(path, target).split(os.sep)[0]


def circles(edges):
    """The strongly connected parts of more than one node, by Tarjan."""
    order, low, stack, found = {}, {}, [], []

    def visit(place):
        order[place] = low[place] = len(order)
        stack.append(place)
        for other in edges[place]:
            if other not in order:
                visit(other)
                low[place] = min(low[place], low[other])
            elif other in stack:
                low[place] = min(low[place], order[other])
        if low[place] == order[place]:
            part = []
            while not part or part[-1] != place:
                part.append(stack.pop())
            if len(part) > 1:
                found.append(sorted(part))

    for place in list(edges):
        if place not in order:
            visit(place)
    return found


def main():
    root = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
    store = os.path.join(root, ".build", "debug", "index", "store")
    failed = False
    uses_of_all = 0
    for name in sorted(os.listdir(os.path.join(root, "Sources"))):
        target = os.path.join(root, "Sources", name)
        places, uses = {}, []
        for found in index.occurrences(store, target + os.sep):
            if found.kind == index.EXTENSION:
                continue
            if found.roles & index.DEFINITION:
                places.setdefault(found.usr, node(found.path, target))
            elif found.roles & index.REFERENCE and not found.roles & index.IMPLICIT:
                uses.append(found)
        uses_of_all += len(uses)
        edges = defaultdict(lambda: defaultdict(list))
        for use in uses:
            here, there = node(use.path, target), places.get(use.usr)
            if there and there != here:
                edges[here][there].append(use)
        for circle in circles(edges):
            failed = True
            print(f"{name}: {', '.join(circle)} need each other:")
            for here in circle:
                for there in circle:
                    for use in edges[here][there][:3] if there in edges[here] else []:
                        path = os.path.relpath(use.path, root)
                        print(f"  {here} needs {there}: {use.name} in {path}:{use.line}")
    if not uses_of_all:
        sys.exit("the index of the build is empty: run 'make build' first")
    if failed:
        sys.exit(1)
    print(f"folders: no circle within any target ({uses_of_all} uses of symbols)")


main()
