#!/usr/bin/env node
// Writes the examples of the package in the current folder into .examples, before tsc checks them. Arguments are
// further Markdown files. It runs none of them.
import { writeExamples } from '../examples.js'

writeExamples(process.cwd(), process.argv.slice(2))
