//! HTTP and nothing else: parse, call, render.
