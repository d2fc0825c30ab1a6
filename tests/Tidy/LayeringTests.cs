using System.Xml.Linq;

namespace HaGrpc.Tidy.Tests;

/// <summary>Arrows run one way: the picture in docs/ARCHITECTURE.md.</summary>
public sealed class LayeringTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["src/Core/HaGrpc.Core.csproj"] = [],
        ["src/Linux/HaGrpc.Linux.csproj"] = [],
        ["proto/HaGrpc.Contracts.csproj"] = ["HaGrpc.Core"],
        ["src/Shim/HaGrpc.Shim.csproj"] = ["HaGrpc.Core", "HaGrpc.Linux"],
        ["src/Agent/HaGrpc.Agent.csproj"] = ["HaGrpc.Core", "HaGrpc.Linux", "HaGrpc.Contracts"],
        ["src/ControlPlane/HaGrpc.ControlPlane.csproj"] = ["HaGrpc.Core", "HaGrpc.Linux", "HaGrpc.Contracts"],
        ["src/Ctl/HaGrpc.Ctl.csproj"] = ["HaGrpc.Core", "HaGrpc.Contracts"],
    };

    private static IReadOnlyList<SourceFile> Products =>
        [.. SourceTree.Files(".csproj").Where(f => f.Path.StartsWith("src/", StringComparison.Ordinal) || f.Path.StartsWith("proto/", StringComparison.Ordinal))];

    [Fact]
    public void Projects_know_only_what_they_may()
    {
        Products.Select(p => p.Path).ShouldBe(Allowed.Keys, ignoreOrder: true, "a new project needs its place among the arrows");
        foreach (var project in Products)
            References(project).Except(Allowed[project.Path]).ShouldBeEmpty(project.Path);
    }

    [Fact]
    public void Core_uses_no_package() =>
        Packages(Products.Single(p => p.Path == "src/Core/HaGrpc.Core.csproj")).ShouldBeEmpty();

    [Fact]
    public void Every_project_stands_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(SourceTree.Root, "HaGrpc.sln")).Replace('\\', '/');
        SourceTree.Files(".csproj").Where(p => !solution.Contains($"\"{p.Path}\"", StringComparison.Ordinal))
            .Select(p => p.Path).ShouldBeEmpty();
    }

    [Fact]
    public void Packages_have_exact_versions_in_one_place()
    {
        var versions = XDocument.Load(Path.Combine(SourceTree.Root, "Directory.Packages.props"))
            .Descendants("PackageVersion").Select(p => (string)p.Attribute("Version")!).ToList();
        versions.ShouldNotBeEmpty();
        versions.Where(v => v.Contains('*', StringComparison.Ordinal) || v.Contains(',', StringComparison.Ordinal)).ShouldBeEmpty();
        SourceTree.Files(".csproj").Where(p => XDocument.Parse(p.Text).Descendants("PackageReference").Any(r => r.Attribute("Version") is not null))
            .Select(p => p.Path).ShouldBeEmpty();
    }

    private static IEnumerable<string> References(SourceFile project) =>
        XDocument.Parse(project.Text).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(((string)r.Attribute("Include")!).Replace('\\', '/')));

    private static IEnumerable<string> Packages(SourceFile project) =>
        XDocument.Parse(project.Text).Descendants("PackageReference").Select(r => (string)r.Attribute("Include")!);
}
