using System.Text.RegularExpressions;
using HaGrpc.Contracts;
using HaGrpc.Core.Model;
using HaGrpc.Core.Model.Validation;
using HaGrpc.V1;
using FieldError = HaGrpc.Core.Model.FieldError;

namespace HaGrpc.Ctl.Manifests;

/// <summary>What was read from one or more files: the request, where each part of it stands, and what was wrong.</summary>
internal sealed partial class Manifest
{
    /// <summary>Nobody reads more, and a small file can have a million.</summary>
    private const int MostErrors = 1000;

    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly HashSet<string> _broken = new(StringComparer.Ordinal);
    private readonly List<ManifestError> _errors = [];
    private readonly List<string> _files = [];

    /// <summary>Hosts, groups and programs of all files in their order.</summary>
    internal ApplyRequest Request { get; } = new();

    /// <summary>True when nothing may be sent.</summary>
    internal bool HasErrors => _errors.Count > 0;

    /// <summary>Everything that is wrong, in the order of the files and their lines.</summary>
    internal IReadOnlyList<ManifestError> Errors =>
        [.. _errors.OrderBy(error => _files.IndexOf(error.Place.File)).ThenBy(error => error.Place.Line)];

    /// <summary>Notes that a file takes part; errors are told in this order.</summary>
    internal void AddFile(string file)
    {
        if (!_files.Contains(file))
            _files.Add(file);
    }

    /// <summary>Notes where a field of the request stands.</summary>
    internal void Locate(string path, Place place) => _places.TryAdd(path, place);

    /// <summary>Adds a mistake found while reading. Validation then keeps silent about <paramref name="path"/>, whose
    /// value in the request is only a stand-in.</summary>
    internal void AddError(string path, Place place, string value, string message)
    {
        _broken.Add(path);
        Add(new(place, value, message));
    }

    /// <summary>Adds what validation, here or in the control plane, says about the request.</summary>
    internal void AddErrors(IEnumerable<FieldError> errors)
    {
        foreach (var error in errors)
        {
            if (!IsBroken(error.Path))
                Add(new(Find(error.Path), error.Value, Located(error.Message)));
        }
    }

    private void Add(ManifestError error)
    {
        if (_errors.Count < MostErrors)
            _errors.Add(error);
        else if (_errors.Count == MostErrors)
            _errors.Add(error with { Value = "", Message = $"there are more mistakes than these {MostErrors}" });
    }

    /// <summary>Validates what was read.</summary>
    /// <param name="stored">What the control plane has; null when it was not asked (see
    /// <see cref="ModelValidation.Validate"/>).</param>
    internal void Validate(ModelSet? stored)
    {
        var errors = new List<FieldError>();
        var model = Request.ToModel(errors);
        AddErrors(errors.Concat(ModelValidation.Validate(model, stored)));
    }

    /// <summary>Adds only what comes from knowing the store: <see cref="Validate"/> has told the rest already.</summary>
    internal void ValidateReferences(ModelSet stored)
    {
        var model = Request.ToModel([]);
        AddErrors(ModelValidation.Validate(model, stored).Except(ModelValidation.Validate(model, stored: null)));
    }

    // Validation names other objects by their position in the request, which is nobody's but ours.
    private string Located(string message) => RequestPath().Replace(message, match =>
        _places.TryGetValue(match.Value, out var place) ? $"{place.Field} ({place.File}:{place.Line})" : match.Value);

    [GeneratedRegex(@"\b(?:hosts|groups|programs)\[\d+\](?:\.\w+\[\d+\])*")]
    private static partial Regex RequestPath();

    private bool IsBroken(string path)
    {
        for (var at = path; at.Length > 0; at = Parent(at))
        {
            if (_broken.Contains(at))
                return true;
        }
        return false;
    }

    // A missing field stands where its object stands.
    private Place Find(string path)
    {
        for (var at = path; at.Length > 0; at = Parent(at))
        {
            if (_places.TryGetValue(at, out var place))
                return place with { Field = (place.Field + path[at.Length..]).TrimStart('.') };
        }
        return new(_files.Count > 0 ? _files[0] : "manifest", 0, path);
    }

    private static string Parent(string path)
    {
        var end = path.AsSpan().LastIndexOfAny('.', '[');
        return end < 0 ? "" : path[..end];
    }
}
