namespace HaGrpc.Core.Model.Validation;

/// <summary>A host by itself.</summary>
internal static class HostRules
{
    internal static void Check(Host host, string path, ICollection<FieldError> errors)
    {
        NameRules.Check(host.Name, $"{path}.name", "host", errors);
        if (TextRules.OneLineProblem(host.Description) is { } problem)
            errors.Add(new($"{path}.description", host.Description, problem));
        FenceRules.Check(host.Fence, $"{path}.fence", errors);
    }
}
