using System.Diagnostics;
using Prima.Extensions.Caching.Redis.CoherenceChecker;
using Prima.Extensions.Caching.Redis.CoherenceChecker.History;
using Prima.Extensions.Caching.Redis.TestServers.Processes;

namespace Prima.Extensions.Caching.Redis.IntegrationTests.Hybrid.Checker;

/// <summary>Processes that each run one node over one Redis, and write down what they do.</summary>
internal sealed class NodeFleet : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("prima-checker-");
    private readonly List<Process> _nodes = [];
    private readonly NodeSettings _settings;
    private int _files;

    private NodeFleet(NodeSettings settings) => _settings = settings;

    public static async Task<NodeFleet> StartAsync(NodeSettings settings)
    {
        var fleet = new NodeFleet(settings);
        for (var node = 0; node < settings.Nodes; node++)
        {
            fleet._nodes.Add(await fleet.StartAsync(node));
        }

        return fleet;
    }

    /// <summary>SIGKILL, and another process in its place.</summary>
    public async Task ReplaceAsync(int node)
    {
        _nodes[node].Kill();
        await _nodes[node].WaitForExitAsync();
        _nodes[node].Dispose();
        _nodes[node] = await StartAsync(node);
    }

    /// <summary>SIGSTOP, and SIGCONT later: what happened meanwhile is new to it.</summary>
    public async Task PauseAsync(int node, TimeSpan pause)
    {
        Signal.SendStop(_nodes[node].Id);
        await Task.Delay(pause);
        Signal.SendContinue(_nodes[node].Id);
    }

    /// <summary>Ends all nodes, and returns what they and those before them did.</summary>
    public async Task<IReadOnlyList<Operation>> EndAsync()
    {
        foreach (var node in _nodes)
        {
            node.StandardInput.Close();
        }

        foreach (var node in _nodes)
        {
            await node.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(0, node.ExitCode);
        }

        return History();
    }

    /// <summary>What all nodes did until now, as far as it was written down.</summary>
    public IReadOnlyList<Operation> History() => [.. _folder.EnumerateFiles().SelectMany(static file => HistoryFile.Read(file.FullName))];

    public ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            if (!node.HasExited)
            {
                node.Kill();
            }

            node.Dispose();
        }

        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<Process> StartAsync(int node)
    {
        var settings = _settings with { Node = node, HistoryFile = Path.Combine(_folder.FullName, $"{_files++}") };
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(NodeSettings).Assembly.Location, settings.ToString()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var line = await process.StandardOutput.ReadLineAsync();
        Assert.Equal("working", line);
        return process;
    }
}
