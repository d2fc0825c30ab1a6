using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.V1;
using OperatorRole = HaGrpc.Core.Access.OperatorRole;

namespace HaGrpc.Functional.Tests.Reference;

/// <summary>A call of operators, with all that the source says about it.</summary>
/// <param name="Method">Its descriptor.</param>
/// <param name="Verb">For example GET; empty when it has no path.</param>
/// <param name="Path">For example <c>/v1/groups/{group}:switchover</c>.</param>
/// <param name="Call">How it is judged.</param>
internal sealed record OperatorApi(MethodDescriptor Method, string Verb, string Path, OperatorCall Call)
{
    /// <summary>All of them, service by service, as the protos have them.</summary>
    public static IReadOnlyList<OperatorApi> All { get; } =
    [
        .. OperatorCalls.Names.Select(name => name.Split('/')[0]).Distinct()
            .Select(service => Files.SelectMany(f => f.Services).Single(s => s.Name == service))
            .OrderBy(service => service.Name, StringComparer.Ordinal)
            .SelectMany(service => service.Methods).Select(Of),
    ];

    /// <summary>Names of the fields that stand in the path.</summary>
    public IEnumerable<string> PathFields =>
        Path.Split('{').Skip(1).Select(part => part.Split('}')[0]);

    /// <summary>Which role it needs.</summary>
    public string Role
    {
        get
        {
            var usual = Named(Call.Role(About(LockScope.Group)));
            var all = Named(Call.Role(About(LockScope.Everything)));
            return all == usual ? usual : $"{usual}; {all} for everything";
        }
    }

    private static IEnumerable<FileDescriptor> Files => typeof(AdminService).Assembly.GetTypes()
        .Where(t => t is { IsAbstract: true, IsSealed: true, Name: var name } && name.EndsWith("Reflection", StringComparison.Ordinal))
        .Select(t => (FileDescriptor)t.GetProperty("Descriptor")!.GetValue(null)!)
        .Where(file => file.Package == "hagrpc.v1");

    private static OperatorApi Of(MethodDescriptor method)
    {
        var rule = method.GetOptions()?.GetExtension(AnnotationsExtensions.Http);
        var (verb, path) = rule?.PatternCase switch
        {
            HttpRule.PatternOneofCase.Get => ("GET", rule.Get),
            HttpRule.PatternOneofCase.Post => ("POST", rule.Post),
            HttpRule.PatternOneofCase.Delete => ("DELETE", rule.Delete),
            _ => ("", ""),
        };
        return new(method, verb, path, OperatorCalls.Find($"/{method.Service.FullName}/{method.Name}")!);
    }

    // For some calls it depends on what they are about.
    private IMessage About(LockScope scope)
    {
        var request = (IMessage)Activator.CreateInstance(Method.InputType.ClrType)!;
        if (Method.InputType.FindFieldByName("target") is { FieldType: FieldType.Message } target && target.MessageType.ClrType == typeof(LockTarget))
            target.Accessor.SetValue(request, new LockTarget { Scope = scope, Name = scope == LockScope.Group ? "web" : "" });
        return request;
    }

    private static string Named(OperatorRole role) => role == OperatorRole.None ? "none" : role.ToString().ToLowerInvariant();
}
