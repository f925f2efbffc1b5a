using Xunit.Sdk;
using Xunit.v3;

// What is measured is alone, and so is what is only tried out: all share a server.
[assembly: Parallelization(Mode = ParallelMode.None)]
