using System.Reflection;
using Xunit;

namespace Prima.Extensions.Caching.Redis.Tests;

public class LayerTests
{
    private static readonly string Source =
        typeof(LayerTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "LibrarySource").Value!;

    private static readonly string[] Files =
    [
        .. Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
            .Where(file => FolderOf(file) is not ("bin" or "obj")),
    ];

    [Fact]
    public void Files_OfTheLibrary_AreFound() => Assert.True(Files.Length > 30, $"Only {Files.Length} files under {Source}.");

    [Fact]
    public void Folders_OfTheLibrary_HaveALayer() =>
        Assert.All(Files, file => Assert.True(Layers.IsKnown(FolderOf(file)), $"{FolderOf(file)} is in no row of the table in docs and Layers.cs."));

    [Fact]
    public void Imports_OfEveryFile_GoDown() =>
        Assert.Empty(Files.SelectMany(file => Layers.ForbiddenImports(FolderOf(file), File.ReadAllText(file)).Select(import => $"{Path.GetRelativePath(Source, file)} imports {import}")));

    [Theory]
    [InlineData("Entries", "using Prima.Extensions.Caching.Redis.Diagnostics;")]
    [InlineData("Connections", "using Prima.Extensions.Caching.Redis.Operations;")]
    [InlineData("Operations", "using Frame = Prima.Extensions.Caching.Redis.Entries.EntryFrame;")]
    [InlineData("Distributed", "using static Prima.Extensions.Caching.Redis.Connections.ServerAddress;")]
    [InlineData("Distributed", "var x = global::Prima.Extensions.Caching.Redis.Hybrid.Something.Value;")]
    [InlineData("", "using Prima.Extensions.Caching.Redis.Diagnostics;")]
    public void ForbiddenImports_UpwardImport_IsFound(string folder, string text) => Assert.NotEmpty(Layers.ForbiddenImports(folder, text));

    [Theory]
    [InlineData("Operations", "using Prima.Extensions.Caching.Redis.Connections;")]
    [InlineData("Operations", "namespace Prima.Extensions.Caching.Redis.Operations;")]
    [InlineData("Operations", "using Prima.Extensions.Caching.Redis;")]
    [InlineData("DependencyInjection", "using Prima.Extensions.Caching.Redis.Hybrid;")]
    [InlineData("", "namespace Prima.Extensions.Caching.Redis;")]
    public void ForbiddenImports_DownwardImport_IsAllowed(string folder, string text) => Assert.Empty(Layers.ForbiddenImports(folder, text));

    private static string FolderOf(string file)
    {
        var parts = Path.GetRelativePath(Source, file).Split(Path.DirectorySeparatorChar);
        return parts.Length == 1 ? "" : parts[0];
    }
}
