"""Measurements that the documents quote; docs/benchmarks.md says how to run them and what came out."""
